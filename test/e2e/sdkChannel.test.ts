import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { utf8Text } from '@menglian/base/bytes';

import { randomAccount } from '@menglian/sdk/account/account';
import { createClient, type Client } from '@menglian/sdk/client';
import { type ChannelTransport, channelTransport } from '@menglian/sdk/node/channel/channelTransport';
import { readCredentials } from '@menglian/sdk/node/channel/tlsDial';
import { getProvenReceipt } from '@menglian/sdk/proof/provenReceipt';
import { HELLO_WORLD_ABI, HELLO_WORLD_BYTECODE } from '../../packages/sdk/examples/helloWorld.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.js';
import { SUITE } from './suite.js';

/** The client for programs over the channel of real nodes. */

const NODES = 4;

let cluster: Cluster;
const transports: ChannelTransport[] = [];

function connect(order: readonly number[]): ChannelTransport {
  const credentials = readCredentials(join(cluster.folder, 'nodes', '127.0.0.1', 'sdk'));
  const nodes = order.map((index) => `127.0.0.1:${cluster.rpcPort - NODES + index}`);
  const transport = channelTransport({ nodes, ...credentials });
  transports.push(transport);
  return transport;
}

async function clientOf(order: readonly number[]): Promise<Client> {
  return createClient({ transport: connect(order), account: await randomAccount(SUITE) });
}

beforeAll(async () => {
  cluster = await Cluster.build(NODES);
  cluster.startAll();
  await cluster.linked(NODES - 1);
});

afterAll(async () => {
  for (const transport of transports) transport.close();
  await cluster.stop();
});

/** As people run it: what the build made. @returns what it printed */
async function runExample(name: string, ...args: string[]): Promise<string> {
  const path = fileURLToPath(new URL(`../../packages/sdk/dist/examples/${name}.js`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args], { timeout: 50_000 });
  return stdout;
}

const deploy = (client: Client) => client.deploy({ abi: HELLO_WORLD_ABI, bytecode: HELLO_WORLD_BYTECODE[SUITE] });

describe('a client over the channel', () => {
  it('deploys, writes and reads, and tells why a contract refuses', async () => {
    const client = await clientOf([0, 1]);
    const hello = await deploy(client);
    const { receipt } = await hello.execute.set(['盟链']);
    expect(await hello.read.get()).toBe('盟链');
    expect(hello.events.Changed.decode(receipt).map(({ args }) => args.value)).toEqual(['盟链']);
    await expect(hello.execute.fail()).rejects.toMatchObject({
      code: 'RevertInstruction',
      reason: { text: 'not today' },
    });
    const stale = await hello.write.set(['x'], { blockLimit: 1 });
    await expect(client.waitForReceipt(stale)).rejects.toMatchObject({ code: 'BlockLimitCheckFail' });
  });

  it('carries messages between clients, of one node and of two', async () => {
    const [near, far] = [connect([0]), connect([1])];
    const publisher = connect([0]).amop;
    const seen: string[] = [];
    near.amop.subscribe('near', ({ content }) => `near ${utf8Text(content)}`);
    far.amop.subscribe('far', ({ content }) => `far ${utf8Text(content)}`);
    far.amop.subscribe('all', ({ content }) => void seen.push(`far ${utf8Text(content)}`));
    near.amop.subscribe('all', ({ content }) => void seen.push(`near ${utf8Text(content)}`));
    const publish = async (topic: string) =>
      utf8Text(await publisher.publish(topic, 'hi').catch(() => new Uint8Array(0)));
    await expect.poll(() => publish('near'), { timeout: 10_000 }).toBe('near hi');
    await expect.poll(() => publish('far'), { timeout: 10_000 }).toBe('far hi');
    await publisher.multicast('all', 'there');
    await expect.poll(() => seen.toSorted()).toEqual(['far there', 'near there']);
    await expect(publisher.publish('nobody', 'hi')).rejects.toMatchObject({ code: 100 });
  });

  it('carries private messages to those alone whose keys the publisher accepts', async () => {
    // Keys of private topics are of suite ecdsa on every chain.
    const [invited, stranger] = await Promise.all([randomAccount(), randomAccount()]);
    const [publisher, friend, other] = [connect([0]), connect([1]), connect([2])];
    const seen: string[] = [];
    publisher.amop.acceptPrivate('offer', [invited.publicKey]);
    friend.amop.subscribePrivate('offer', invited, ({ topic, content }) => {
      seen.push(`friend ${utf8Text(content)}`);
      return `${topic} taken`;
    });
    other.amop.subscribePrivate('offer', stranger, ({ content }) => void seen.push(`stranger ${utf8Text(content)}`));
    const publish = async () =>
      utf8Text(await publisher.amop.publishPrivate('offer', 'tea').catch(() => new Uint8Array(0)));
    await expect.poll(publish, { timeout: 30_000 }).toBe('offer taken');
    await publisher.amop.multicastPrivate('offer', 'to all');
    await expect.poll(() => seen).toContain('friend to all');
    expect(seen.filter((one) => one.startsWith('stranger'))).toEqual([]);
  });

  it('has its receipts proven by the sealers', async () => {
    const client = await clientOf([2]);
    const { receipt } = await deploy(client);
    const trust = { sealers: await client.getSealerList() };
    const proven = await getProvenReceipt(client, receipt.transactionHash, trust);
    expect(proven.receipt).toEqual(receipt);
    const strangers = { sealers: ['ab'.repeat(64)] };
    await expect(getProvenReceipt(client, receipt.transactionHash, strangers)).rejects.toMatchObject({
      code: 'NotProven',
    });
  });

  it('has examples that run', async () => {
    const folder = join(cluster.folder, 'nodes', '127.0.0.1', 'sdk');
    const url = `http://127.0.0.1:${cluster.rpcPort}`;
    const nodes = [0, 1].map((index) => `127.0.0.1:${cluster.rpcPort - NODES + index}`);
    const outputs = await Promise.all([
      runExample('deployAndCall', url),
      runExample('cns', url),
      runExample('amop', folder, ...nodes),
      runExample('events', folder, ...nodes),
    ]);
    expect(outputs[0]).toContain('it says 你好, chain\nrefused, as it should be: not today');
    expect(outputs[1]).toContain('found by name\n-51200: this name and version are registered already');
    expect(outputs[2]).toContain('the buyer hears: 12 a box\nthe seller hears: thank you all');
    expect(outputs[3]!.match(/block \d+: change \d+/g)).toHaveLength(10);
  });

  it('gets every receipt and every event once when its node is killed', async () => {
    const client = await clientOf([3, 1, 2]);
    const hello = await deploy(client);
    const events: string[] = [];
    const errors: unknown[] = [];
    const stop = await hello.events.Changed.watch({
      fromBlock: hello.receipt.blockNumber,
      onEvent: ({ args }) => events.push(args.value),
      onError: (error) => errors.push(error),
    });
    const values = Array.from({ length: 200 }, (_, index) => String(index));
    // Accepted, but not yet in a block, perhaps not yet with any other node.
    const hashes = await Promise.all(values.map((value) => hello.write.set([value])));
    await cluster.nodes[3]!.kill();
    const receipts = await Promise.all(hashes.map((hash) => client.waitForReceipt(hash)));
    expect(receipts.map(({ transactionHash, isSuccess }) => [transactionHash, isSuccess])).toEqual(
      hashes.map((hash) => [hash, true]),
    );
    await hello.execute.set(['after']);
    await expect.poll(() => events.length, { timeout: 20_000 }).toBe(values.length + 1);
    expect(events.toSorted()).toEqual([...values, 'after'].toSorted());
    expect(errors).toEqual([]);
    stop();
  });
});
