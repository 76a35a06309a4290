import { join } from 'node:path';
import { utf8Text } from '@menglian/base/bytes';
import { HELLO_WORLD_BYTECODE } from '@menglian/cli/start/helloWorld';
import { randomAccount } from '@menglian/sdk/account/account';
import { createClient, type Client } from '@menglian/sdk/client';
import { type ChannelTransport, channelTransport } from '@menglian/sdk/node/channel/channelTransport';
import { readCredentials } from '@menglian/sdk/node/channel/tlsDial';
import { HELLO_WORLD_ABI } from '@menglian/sdk/testing/helloWorldAbi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.js';

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
  return createClient({ transport: connect(order), account: await randomAccount() });
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

const deploy = (client: Client) => client.deploy({ abi: HELLO_WORLD_ABI, bytecode: `0x${HELLO_WORLD_BYTECODE}` });

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
