import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../e2e/cluster.js';
import { editFile } from '../e2e/nodeRuns.js';
import { ChannelChain } from './channelChain.js';
import { newSeq, rpcBody, type ConformanceClient } from './conformanceClient.js';
import { encodeFrame, readTopicBody, topicBody, TYPE, type Frame } from './frames.js';
import { Sender } from './sender.js';

/**
 * Goal: a group is for the clients that its operator lists, as far as certificates tell who they are, and no client asks
 * more often than the operator allows. Method: real processes whose files are changed while they run.
 */

const REQUESTS_PER_SECOND = 40;
const OTHER_KEY = 'ab'.repeat(64);

const sender = new Sender();
let ecdsa: ChannelChain;
let rsa: ChannelChain;

beforeAll(async () => {
  [ecdsa, rsa] = await Promise.all([
    ChannelChain.build({ chainCertificates: true }),
    ChannelChain.build({ editGroup: (text) => withKeys(text, OTHER_KEY) }),
  ]);
  editFile(rsa.configPath(), (text) => text.replace(/^.*limit_req=.*$/m, `    limit_req=${REQUESTS_PER_SECOND}`));
  await Promise.all([ecdsa.start(0), rsa.start(0)]);
});

afterAll(async () => {
  await Promise.all([ecdsa?.stop(), rsa?.stop()]);
});

const textOf = ({ data }: Frame) => data.toString('utf8');

/** The settings of a group, with a list of the clients that may use it. */
function withKeys(settings: string, ...keys: readonly string[]): string {
  const lines = keys.map((key, index) => `    public_key.${index}=${key}\n`);
  return settings.replace(/\[sdk_allowlist\][^[]*/, `[sdk_allowlist]\n${lines.join('')}\n`);
}

/** Lists clients at the running node, and waits until it has read them. */
async function allow(...keys: readonly string[]): Promise<void> {
  editFile(ecdsa.groupPath(), (text) => withKeys(text, ...keys));
  const signal = `${ecdsa.configPath()}.reset_allowlist`;
  writeFileSync(signal, '');
  await until(async () => Promise.resolve(!existsSync(signal)), 'the node has read the list of clients');
}

/** The number with which a subscription is answered. */
async function subscribe(client: ConformanceClient, type: number, filterID: string): Promise<unknown> {
  const body = { filterID, groupID: '1', fromBlock: 'latest', toBlock: 'latest', addresses: [], topics: [] };
  const { content } = readTopicBody((await client.ask(type, topicBody('', JSON.stringify(body)))).data);
  return (JSON.parse(content.toString('utf8')) as { result: number }).result;
}

describe('the list of clients', () => {
  const ownKey = () => readFileSync(join(ecdsa.sdkFolder, 'sdk.publickey'), 'utf8').trim();
  const forbidden = (method: string) => ({
    error: { code: -40_012, message: `${method} The SDK is not allowed to access this group` },
    id: null,
    jsonrpc: '2.0',
  });

  it('shuts out and lets in at run time, and keeps the connection', async () => {
    const client = await ecdsa.connect('go');
    await client.ask(TYPE.handshake, '{"minimumSupport":1,"maximumSupport":3}');
    client.send(TYPE.reportTopics, '["_block_notify_1"]');
    expect(await client.rpc('getBlockNumber', 1)).toBe('0x0');

    await allow(OTHER_KEY);
    const { raw } = sender.save();
    const requests: readonly (readonly [string, ...unknown[]])[] = [
      ['getBlockNumber', 1],
      ['getBlockNumber', '1'],
      ['getBlockByNumber', 1, '0x0', true],
      ['getPendingTxSize', 1],
      ['getSealerList', 1],
      ['sendRawTransaction', 1, raw],
      ['sendRawTransactionAndGetProof', 1, raw],
      ['queryGroupStatus', 1],
    ];
    for (const [method, ...params] of requests) {
      expect(JSON.parse(await client.rpcText(rpcBody(method, ...params)))).toMatchObject(forbidden(method));
    }
    expect(await subscribe(client, TYPE.registerEvent, newSeq())).toBe(-41_006);
    expect(await subscribe(client, TYPE.unregisterEvent, newSeq())).toBe(-41_006);
    // What belongs to no group, or has no list, goes on.
    for (const method of ['getClientVersion', 'getGroupList', 'getNodeIDList', 'getNodeInfo', 'getPeers']) {
      expect(JSON.parse(await client.rpcText(rpcBody(method, 1)))).toHaveProperty('result');
    }
    expect(textOf(await client.ask(TYPE.heartbeat, ''))).toBe('{"heartBeat":1}\n');
    client.send(TYPE.amopMulticast, topicBody('price', 'hi'));
    await client.takeType(TYPE.amopResponse);
    await ecdsa.http().call('sendRawTransaction', 1, sender.save().raw);
    const notice = readTopicBody((await client.takeType(TYPE.blockNotify)).data);
    expect(notice.content.toString()).toBe('{"blockNumber":1,"groupID":1}\n');

    await allow(OTHER_KEY, ownKey());
    expect(await client.rpc('getBlockNumber', 1)).toBe('0x1');
    await client.finish();
  });

  it('holds back events while a client is not on it', async () => {
    await allow(ownKey());
    const client = await ecdsa.connect('go');
    const { receipt } = await client.transact(sender.deploy().raw);
    const { contractAddress } = JSON.parse(textOf(receipt)) as { contractAddress: string };
    expect(await subscribe(client, TYPE.registerEvent, newSeq())).toBe(0);
    await client.transact(sender.set(contractAddress, 'heard').raw);
    await client.takeType(TYPE.eventPush);

    await allow(OTHER_KEY);
    await ecdsa.http().call('sendRawTransaction', 1, sender.set(contractAddress, 'held back').raw);
    await until(async () => Number(await ecdsa.http().call('getBlockNumber', 1)) === 4, 'the block is there');
    expect(await client.settle()).toEqual([]);
    await allow();
    const push = JSON.parse(textOf(await client.takeType(TYPE.eventPush))) as { logs: { blockNumber: string }[] };
    expect(push.logs.map(({ blockNumber }) => blockNumber)).toEqual(['4']);
    await client.finish();
  });

  it('does not touch clients with RSA certificates, which name no key', async () => {
    const client = await rsa.connect('python');
    expect(await client.rpc('getBlockNumber', 1)).toBe('0x0');
    expect(await subscribe(client, TYPE.registerEvent, newSeq())).toBe(0);
    await client.finish();
  });
});

it('who asks more often than allowed is told so, but for what SDKs need to connect', async () => {
  const client = await rsa.connect();
  const bodies = Array.from({ length: 5 * REQUESTS_PER_SECOND }, (_, id) =>
    JSON.stringify({ jsonrpc: '2.0', method: id % 2 === 0 ? 'getGroupList' : 'getClientVersion', params: [], id }),
  );
  const seqs = bodies.map(() => newSeq());
  client.write(Buffer.concat(bodies.map((body, index) => encodeFrame(TYPE.rpc, seqs[index]!, body))));
  let refused = 0;
  for (const [id, seq] of seqs.entries()) {
    const answer = textOf(await client.take((frame) => frame.seq === seq, `answer ${id}`));
    const { error, id: echoed } = JSON.parse(answer) as { error?: object; id: number };
    expect(echoed).toBe(id);
    if (error === undefined) continue;
    expect(id % 2).toBe(0);
    expect(error).toMatchObject({ code: -40_011, message: 'getGroupList Over QPS limit' });
    refused += 1;
  }
  // Those of one second are always allowed; the machine may be slow, but not by seconds.
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThanOrEqual((5 * REQUESTS_PER_SECOND) / 2);
  await client.finish();
});
