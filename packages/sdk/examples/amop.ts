// oxlint-disable no-console -- an example tells what it does
/**
 * Messages between two clients of different nodes, without the chain. Start a chain with `npm start`, then:
 * `npm run build && node packages/sdk/dist/examples/amop.js [folder of certificates] [127.0.0.1:20200 127.0.0.1:20201]`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { channelTransport } from '@menglian/sdk/node/channel/channelTransport';
import { readCredentials } from '@menglian/sdk/node/channel/tlsDial';

const [folder = '.menglian/nodes/127.0.0.1/sdk', ...named] = process.argv.slice(2);
const [first = '127.0.0.1:20200', second = '127.0.0.1:20201'] = named;
const credentials = readCredentials(folder);
const seller = channelTransport({ nodes: [first], ...credentials });
const buyer = channelTransport({ nodes: [second], ...credentials });
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

seller.amop.subscribe('price of tea', ({ content, wantsAnswer }) => {
  console.log(`the seller hears: ${textOf(content)}`);
  return wantsAnswer ? '12 a box' : undefined;
});
// Nodes of 2.x tell each other their topics every five seconds; these take less.
await sleep(6000);

console.log(`the buyer hears: ${textOf(await buyer.amop.publish('price of tea', 'how much?'))}`);
await buyer.amop.multicast('price of tea', 'thank you all');
await sleep(500);
seller.close();
buyer.close();
