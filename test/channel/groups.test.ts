import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../e2e/cluster.js';
import { ChannelChain } from './channelChain.js';
import { newSeq, type ConformanceClient } from './conformanceClient.js';
import { readTopicBody, topicBody, TYPE } from './frames.js';
import { Sender } from './sender.js';

/**
 * Goal: a client of the channel outlives a group that stops and starts again: its requests are refused meanwhile, none is
 * left without an answer, and it can subscribe anew. Method: two real processes, both sealers of group 2.
 */

const GROUP = 2;
const sender = new Sender();
let chain: ChannelChain;
let client: ConformanceClient;

const done = (what: string) => ({ code: '0x0', message: `Group ${GROUP} ${what} successfully` });

beforeAll(async () => {
  chain = await ChannelChain.build({ agencies: ['first', 'second'] });
  await chain.start(0, 1);
  await until(
    async () => ((await chain.http(0).call('getPeers', 1)) as unknown[]).length === 1,
    'the nodes are linked',
  );
  await until(
    async () => ((await chain.http(1).call('getPeers', 1)) as unknown[]).length === 1,
    'the nodes are linked',
  );
  client = await chain.connect();
  await client.ask(TYPE.handshake, '{"minimumSupport":1,"maximumSupport":3}');
}, 60_000);

afterAll(async () => {
  await client?.close();
  await chain?.stop();
});

const body = (method: string, ...params: readonly unknown[]) =>
  JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 });

const errorCode = async (method: string, ...params: readonly unknown[]) =>
  (JSON.parse(await client.rpcText(body(method, ...params))) as { error?: { code: number } }).error?.code;

/** @returns the number in the answer to a subscription to all events of the group */
async function subscribe(): Promise<number> {
  const filter = {
    filterID: newSeq(),
    groupID: `${GROUP}`,
    fromBlock: 'latest',
    toBlock: 'latest',
    addresses: [],
    topics: [],
  };
  const { data } = await client.ask(TYPE.registerEvent, topicBody('', JSON.stringify(filter)));
  return (JSON.parse(readTopicBody(data).content.toString('utf8')) as { result: number }).result;
}

/** Sends a transaction and waits until its receipt is pushed. */
async function mine(): Promise<void> {
  const seq = client.send(TYPE.rpc, body('sendRawTransaction', GROUP, sender.save({ groupId: BigInt(GROUP) }).raw));
  await client.take((frame) => frame.seq === seq && frame.type === TYPE.rpc, 'the answer to a transaction');
  await client.take((frame) => frame.seq === seq && frame.type === TYPE.receipt, 'a receipt');
}

it('is made and started over the channel, and serves transactions and events', async () => {
  const sealers = await client.rpc<string[]>('getSealerList', 1);
  const settings = { timestamp: '1700000000000', sealers };
  expect(await client.rpc('generateGroup', GROUP, settings)).toEqual(done('generated'));
  expect(await chain.http(1).call('generateGroup', GROUP, settings)).toEqual(done('generated'));
  expect(await subscribe()).toBe(-41_002);
  expect(await client.rpc('startGroup', GROUP)).toEqual(done('started'));
  expect(await chain.http(1).call('startGroup', GROUP)).toEqual(done('started'));
  expect(await subscribe()).toBe(0);
  await mine();
});

it('leaves no request without an answer when it stops', async () => {
  // No block comes while the other node is without the group: this transaction waits, and so does its receipt.
  expect(await chain.http(1).call('stopGroup', GROUP)).toEqual(done('stopped'));
  const { raw } = sender.save({ groupId: BigInt(GROUP) });
  const waiting = client.send(TYPE.rpc, body('sendRawTransaction', GROUP, raw));
  await client.take((frame) => frame.seq === waiting && frame.type === TYPE.rpc, 'the answer to a transaction');
  const asked = Array.from({ length: 200 }, () => client.send(TYPE.rpc, body('getSealerList', GROUP)));
  const stopped = client.rpc('stopGroup', GROUP);
  asked.push(...Array.from({ length: 200 }, () => client.send(TYPE.rpc, body('getSealerList', GROUP))));
  for (const seq of asked) {
    const { data } = await client.take((frame) => frame.seq === seq, 'an answer');
    const { result, error } = JSON.parse(data.toString('utf8')) as { result?: unknown; error?: { code: number } };
    if (result === undefined) expect([-40_001, -40_010]).toContain(error!.code);
  }
  expect(await stopped).toEqual(done('stopped'));
  // What became of the transaction this node cannot tell, and the filter of the first test has ended.
  const receipt = await client.take((frame) => frame.seq === waiting && frame.type === TYPE.receipt, 'a receipt');
  expect(JSON.parse(receipt.data.toString('utf8'))).toMatchObject({ status: '0x2714', blockNumber: '0x0' });
  const isEnd = (frame: { type: number; data: Buffer }) =>
    frame.type === TYPE.eventPush && JSON.parse(frame.data.toString('utf8')).logs === null;
  const end = await client.take(isEnd, 'the end of a filter');
  expect(JSON.parse(end.data.toString('utf8'))).toMatchObject({ result: -41_002 });
  expect(await errorCode('getBlockNumber', GROUP)).toBe(-40_001);
  expect(await errorCode('sendRawTransaction', GROUP, raw)).toBe(-40_001);
  expect(await subscribe()).toBe(-41_002);
  expect(await client.rpc('getBlockNumber', 1)).toBe('0x0');
});

it('starts again for the same session, with its peers', async () => {
  expect(await chain.http(1).call('startGroup', GROUP)).toEqual(done('started'));
  expect(await client.rpc('startGroup', GROUP)).toEqual(done('started'));
  expect(await subscribe()).toBe(0);
  await mine();
  for (const index of [0, 1]) {
    await until(async () => {
      const { peers } = (await chain.http(index).call('getSyncStatus', GROUP)) as { peers: unknown[] };
      return peers.length === 1;
    }, 'each knows the height of the other');
  }
});
