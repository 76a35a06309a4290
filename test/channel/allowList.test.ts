import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../e2e/cluster.js';
import { editFile } from '../e2e/nodeRuns.js';
import { ChannelChain } from './channelChain.js';
import { rpcBody } from './conformanceClient.js';
import { TYPE } from './frames.js';
import { Sender } from './sender.js';

/**
 * Goal: an operator says who may use a group, on a running node. Method: certificates of the chain on the channel, a list
 * that names somebody else, then the client, with the signal file that 2.x has for it.
 */

const sender = new Sender();
let chain: ChannelChain;

beforeAll(async () => {
  chain = await ChannelChain.build({
    chainCertificates: true,
    editGroup: (text) => text.replace('[sdk_allowlist]\n', list('ab'.repeat(64))),
  });
  await chain.start(0);
});

afterAll(async () => chain?.stop());

/** A section with one key; without one for undefined. */
const list = (key?: string) => `[sdk_allowlist]\n    ${key === undefined ? ';' : `public_key.0=${key}`}\n`;

/** The key of the chain's SDK folder as lists write it. */
function sdkKey(): string {
  const { x, y } = createPublicKey(readFileSync(join(chain.sdkFolder, 'sdk.crt'))).export({ format: 'jwk' });
  return Buffer.concat([Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]).toString('hex');
}

async function changeList(text: string): Promise<void> {
  const folder = dirname(chain.configPath(0));
  editFile(join(folder, 'conf', 'group.1.ini'), (old) => old.replace(/\[sdk_allowlist\]\n.*\n/, text));
  const signal = `${chain.configPath(0)}.reset_allowlist`;
  writeFileSync(signal, '');
  await until(async () => !existsSync(signal), 'the node has read the list');
}

const EVENTS = JSON.stringify({ filterID: 'f', groupID: '1', addresses: [], topics: [] });

describe('the list of SDKs of a group', () => {
  it('refuses others, lets those on it in as soon as they are, and everybody when it is empty', async () => {
    const client = await chain.connect('python');
    const number = rpcBody('getBlockNumber', 1);
    const refused = { error: { code: -40_012, message: 'getBlockNumber The SDK is not allowed to access this group' } };
    expect(JSON.parse(await client.rpcText(number))).toMatchObject({ ...refused, id: null });
    expect((await client.ask(TYPE.registerEvent, `\x01${EVENTS}`)).data.toString()).toBe('\x01{"result":-41006}\n');
    expect(await client.rpc('getGroupList')).toEqual([1]);
    await changeList(list(sdkKey()));
    expect(await client.rpc('getBlockNumber', 1)).toBe('0x0');
    expect((await client.ask(TYPE.registerEvent, `\x01${EVENTS}`)).data.toString()).toBe('\x01{"result":0}\n');
    const { receipt } = await client.transact(sender.deploy().raw);
    const { contractAddress } = JSON.parse(receipt.data.toString()) as { contractAddress: string };
    await changeList(list('cd'.repeat(64)));
    expect(JSON.parse(await client.rpcText(number))).toMatchObject(refused);
    // By another way, so that there is an event that the client may not see yet.
    await chain.http().call('sendRawTransaction', 1, sender.set(contractAddress, 'meanwhile').raw);
    await until(async () => (await chain.http().call('getBlockNumber', 1)) === '0x2', 'the event is in a block');
    expect(await client.rpc('getGroupList')).toEqual([1]);
    expect(client.received.filter(({ type }) => type === TYPE.eventPush)).toEqual([]);
    await changeList(list());
    const push = await client.takeType(TYPE.eventPush);
    expect(push.data.toString()).toContain('"blockNumber":"2"');
    expect(await client.rpc('getBlockNumber', 1)).toBe('0x2');
    await client.finish();
  });
});
