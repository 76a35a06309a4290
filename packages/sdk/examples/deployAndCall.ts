// oxlint-disable no-console -- an example tells what it does
/**
 * Deploys a contract, changes it, reads it, and is refused. Start a chain with `npm start`, then:
 * `npm run build && node packages/sdk/dist/examples/deployAndCall.js [http://127.0.0.1:8545 …]`
 */
import { randomAccount } from '@menglian/sdk/account/account';
import { createClient } from '@menglian/sdk/client';
import { httpTransport } from '@menglian/sdk/http';
import { ExecutionError } from '@menglian/sdk/transaction/executionError';
import { suiteOfChain } from '@menglian/sdk/suiteOfChain';
import { HELLO_WORLD_ABI, HELLO_WORLD_BYTECODE } from './helloWorld.js';

const urls = process.argv.length > 2 ? process.argv.slice(2) : ['http://127.0.0.1:8545'];
const transport = httpTransport(urls);
const suite = await suiteOfChain(transport);
const client = await createClient({ transport, account: await randomAccount(suite) });
const { version, chainId } = await client.getClientVersion();
console.log(`chain ${chainId}, version ${version}, block ${await client.getBlockNumber()}`);

const hello = await client.deploy({ abi: HELLO_WORLD_ABI, bytecode: HELLO_WORLD_BYTECODE[suite] });
console.log(`the contract is ${hello.address} and says ${await hello.read.get()}`);

const { receipt } = await hello.execute.set(['你好, chain']);
const [changed] = hello.events.Changed.decode(receipt);
console.log(`block ${receipt.blockNumber}: ${changed?.args.who} changed it; it says ${await hello.read.get()}`);

try {
  await hello.execute.fail();
} catch (error) {
  if (!(error instanceof ExecutionError)) throw error;
  console.log(`refused, as it should be: ${error.reason?.text}`);
}
client.close();
