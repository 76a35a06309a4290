// oxlint-disable no-console -- an example tells what it does
/**
 * Follows an event over the channel, and goes on when a node is stopped. Start a chain with `npm start`, then:
 * `npm run build && node packages/sdk/dist/examples/events.js [folder of certificates] [127.0.0.1:20200 …]`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomAccount } from '@menglian/sdk/account/account';
import { createClient } from '@menglian/sdk/client';
import { channelTransport } from '@menglian/sdk/node/channel/channelTransport';
import { readCredentials } from '@menglian/sdk/node/channel/tlsDial';
import { suiteOfChain } from '@menglian/sdk/suiteOfChain';
import { HELLO_WORLD_ABI, HELLO_WORLD_BYTECODE } from './helloWorld.js';

const [folder = '.menglian/nodes/127.0.0.1/sdk', ...named] = process.argv.slice(2);
const nodes = named.length > 0 ? named : ['127.0.0.1:20200', '127.0.0.1:20201', '127.0.0.1:20202', '127.0.0.1:20203'];
const transport = channelTransport({ nodes, ...readCredentials(folder) });
const suite = await suiteOfChain(transport);
const client = await createClient({ transport, account: await randomAccount(suite) });

const hello = await client.deploy({ abi: HELLO_WORLD_ABI, bytecode: HELLO_WORLD_BYTECODE[suite] });
const stop = await hello.events.Changed.watch({
  onEvent: ({ blockNumber, args }) => console.log(`block ${blockNumber}: ${args.value}`),
  onError: (error) => console.error(error),
});

console.log('stop a node now if you like: no change is lost, none comes twice');
for (let count = 1; count <= 10; count++) {
  await hello.execute.set([`change ${count}`]);
  await sleep(500);
}
stop();
client.close();
