// oxlint-disable no-console -- an example tells what it does
/**
 * Gives a contract a name, and calls it by that name. Start a chain with `npm start`, then:
 * `npm run build && node packages/sdk/dist/examples/cns.js [http://127.0.0.1:8545 …]`
 */
import { randomAccount } from '@menglian/sdk/account/account';
import { createClient } from '@menglian/sdk/client';
import { httpTransport } from '@menglian/sdk/http';
import { SdkError } from '@menglian/sdk/sdkError';
import { Cns } from '@menglian/sdk/services/cns';
import { suiteOfChain } from '@menglian/sdk/suiteOfChain';
import { HELLO_WORLD_ABI, HELLO_WORLD_BYTECODE } from './helloWorld.js';

const urls = process.argv.length > 2 ? process.argv.slice(2) : ['http://127.0.0.1:8545'];
const transport = httpTransport(urls);
const suite = await suiteOfChain(transport);
const client = await createClient({ transport, account: await randomAccount(suite) });
const cns = new Cns(client);

// Names are for ever, so each run takes another version.
const version = String(await client.getBlockNumber());
const { address } = await client.deploy({ abi: HELLO_WORLD_ABI, bytecode: HELLO_WORLD_BYTECODE[suite] });
await cns.register({ name: 'HelloWorld', version, address, abi: HELLO_WORLD_ABI });
for (const entry of await cns.list('HelloWorld')) console.log(`HelloWorld:${entry.version} is ${entry.address}`);

const newest = await cns.contract('HelloWorld', undefined, HELLO_WORLD_ABI);
await newest.execute.set(['found by name']);
console.log(await newest.read.get());

try {
  await cns.register({ name: 'HelloWorld', version, address, abi: HELLO_WORLD_ABI });
} catch (error) {
  if (!(error instanceof SdkError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
client.close();
