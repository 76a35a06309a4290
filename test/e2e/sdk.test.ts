import { accountFromPrivateKey, randomAccount } from '@menglian/sdk/account/account';
import { createClient, type Client } from '@menglian/sdk/client';
import { httpTransport } from '@menglian/sdk/http';
import { HELLO_WORLD_ABI, HELLO_WORLD_BYTECODE } from '../../packages/sdk/examples/helloWorld.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.js';
import { SUITE } from './suite.js';

/** The client for programs against a real node. */

let cluster: Cluster;
let client: Client;

beforeAll(async () => {
  cluster = await Cluster.build(1);
  cluster.startAll();
  await cluster.linked(0);
  client = await createClient({
    // Nothing listens on the first port.
    transport: httpTransport(['http://127.0.0.1:1', `http://127.0.0.1:${cluster.rpcPort}`]),
    account: await randomAccount(SUITE),
    pollMs: 20,
  });
});

afterAll(async () => {
  client.close();
  await cluster.stop();
});

const deploy = () => client.deploy({ abi: HELLO_WORLD_ABI, bytecode: HELLO_WORLD_BYTECODE[SUITE] });

describe('a client over HTTP', () => {
  it('knows the chain', async () => {
    const [version, sealers, peers, header] = await Promise.all([
      client.getClientVersion(),
      client.getSealerList(),
      client.getPeers(),
      client.getBlockHeader(0),
    ]);
    expect([version.chainId, version.suite, sealers.length, peers, header.number]).toEqual([1, SUITE, 1, [], 0]);
    expect((await client.getConsensusStatus()).nodeNum).toBe(1);
    expect((await client.getSyncStatus()).isSyncing).toBe(false);
    expect(await client.getGroupList()).toEqual([1]);
  });

  it('deploys, writes and reads, and tells why a contract refuses', async () => {
    const hello = await deploy();
    expect(await client.getCode(hello.address)).not.toBe('0x');
    expect(await hello.read.get()).toBe('Hello, World!');
    const { receipt } = await hello.execute.set(['盟链']);
    expect(await hello.read.get()).toBe('盟链');
    expect(hello.events.Changed.decode(receipt).map(({ args }) => args)).toEqual([
      { who: client.account!.address, value: '盟链' },
    ]);
    await expect(hello.execute.fail()).rejects.toMatchObject({
      code: 'RevertInstruction',
      reason: { text: 'not today' },
    });
    await expect(hello.simulate.fail()).rejects.toThrow('fail failed: not today');
  });

  it('gives events as they come, and those that came, each once', async () => {
    const hello = await deploy();
    const other = await accountFromPrivateKey('77'.repeat(32), SUITE);
    const seen: string[] = [];
    const stop = await hello.events.Changed.watch({
      where: { who: [client.account!.address] },
      fromBlock: hello.receipt.blockNumber,
      onEvent: ({ args }) => seen.push(args.value),
    });
    const hashes = await Promise.all([
      hello.write.set(['a']),
      hello.write.set(['b'], { account: other }),
      hello.write.set(['c']),
    ]);
    const receipts = await Promise.all(hashes.map((hash) => client.waitForReceipt(hash)));
    expect(receipts.map(({ isSuccess }) => isSuccess)).toEqual([true, true, true]);
    await expect.poll(() => seen.toSorted()).toEqual(['a', 'c']);
    stop();
    const found = await hello.events.Changed.find({ fromBlock: hello.receipt.blockNumber });
    expect(found.map(({ args }) => args.value).toSorted()).toEqual(['a', 'b', 'c']);
    expect(seen).toHaveLength(2);
  });

  it('sends hundreds at once', async () => {
    const hello = await deploy();
    const hashes = await Promise.all(Array.from({ length: 300 }, (_, index) => hello.write.set([String(index)])));
    const receipts = await Promise.all(hashes.map((hash) => client.waitForReceipt(hash)));
    expect(new Set(receipts.map(({ transactionHash }) => transactionHash)).size).toBe(300);
    expect(receipts.every(({ isSuccess }) => isSuccess)).toBe(true);
  });

  it('tells what the node refuses', async () => {
    const hello = await deploy();
    await expect(hello.write.set(['x'], { blockLimit: 1 })).rejects.toMatchObject({ code: 'BlockLimitCheckFailed' });
    const signed = await client.signTransaction({ to: hello.address, data: '0x' });
    const hash = await client.sendSigned(signed);
    await client.waitForReceipt(hash);
    await expect(client.sendSigned(signed)).rejects.toMatchObject({ code: 'TransactionNonceCheckFail' });
    await expect(client.getBlock(1_000_000)).rejects.toMatchObject({ code: -40004 });
  });
});
