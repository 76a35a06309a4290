import { utf8Bytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { afterEach, expect, it } from 'vitest';
import type { Hash } from '../../hex.js';
import type { Log } from '../../logs/log.js';
import { FakeNode, plainDial } from '../../testing/fakeNode.js';
import { ChannelTransport } from './channelTransport.js';
import { FrameType, readJson, withoutTopic } from './frame.js';

const TRANSACTIONS = 200;
const NODES = 3;
const BREAKS_MAX = 25;
const ADDRESS = `0x${'11'.repeat(20)}`;
const hashOf = (number: number): Hash => `0x${number.toString(16).padStart(64, '0')}`;

const nodes: FakeNode[] = [];
const transports: ChannelTransport[] = [];

afterEach(async () => {
  for (const transport of transports.splice(0)) transport.close();
  await Promise.all(nodes.splice(0).map((node) => node.die()));
});

interface Block {
  readonly number: number;
  readonly hashes: readonly Hash[];
}

/** One chain behind several nodes. A transaction may be lost with the link that brought it. */
class FakeChain {
  readonly blocks: Block[] = [];
  readonly #mined = new Map<Hash, object>();
  /** Which push is owed for what waits. */
  readonly #pool = new Map<Hash, { node: FakeNode; seq: string }>();
  readonly #filters = new Map<FakeNode, Map<string, number>>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  serve(node: FakeNode): void {
    this.#filters.set(node, new Map());
    node.onRpc = ({ method, params, seq }) => {
      if (method === 'getBlockNumber') return this.blocks.length;
      const hash = params[1] as Hash;
      if (method === 'getTransactionReceipt') return this.#mined.get(hash) ?? null;
      const refused = this.#mined.has(hash) ? '0xf' : this.#pool.has(hash) ? '0x2710' : undefined;
      if (refused !== undefined) setImmediate(() => node.pushReceipt(seq, { status: refused }));
      else this.#pool.set(hash, { node, seq });
      return hash;
    };
    node.onFrame = ({ type, seq, data }) => {
      if (type !== FrameType.registerEvents) return;
      const { filterID, fromBlock } = readJson(data.subarray(1)) as { filterID: string; fromBlock: string };
      node.push(type, seq, withoutTopic('{"result":0}\n'));
      for (const block of this.blocks) if (block.number >= Number(fromBlock)) this.#pushEvents(node, filterID, block);
      this.#filters.get(node)!.set(filterID, 0);
    };
  }

  /** Some of what waits becomes a block. */
  mine(): void {
    const number = this.blocks.length + 1;
    const chosen = [...this.#pool].filter(() => this.#random() < 0.1);
    const block = { number, hashes: chosen.map(([hash]) => hash) };
    this.blocks.push(block);
    for (const [hash, { node, seq }] of chosen) {
      this.#pool.delete(hash);
      const receipt = { status: '0x0', transactionHash: hash };
      this.#mined.set(hash, receipt);
      node.pushReceipt(seq, receipt);
    }
    for (const [node, filters] of this.#filters) {
      node.pushBlock(1, number);
      for (const filterId of filters.keys()) this.#pushEvents(node, filterId, block);
    }
  }

  /** Its links break; what it has not told others is gone with some of them. */
  break(node: FakeNode): void {
    this.#filters.get(node)!.clear();
    for (const [hash, owed] of this.#pool) if (owed.node === node && this.#random() < 0.5) this.#pool.delete(hash);
    node.breakLinks();
  }

  #pushEvents(node: FakeNode, filterID: string, { number, hashes }: Block): void {
    const logs = hashes.map((transactionHash, index) => ({
      address: ADDRESS,
      blockHash: hashOf(number),
      blockNumber: String(number),
      data: '0x',
      logIndex: '0x0',
      topics: [],
      transactionHash,
      transactionIndex: `0x${index.toString(16)}`,
    }));
    node.push(FrameType.events, '0'.repeat(32), utf8Bytes(JSON.stringify({ filterID, logs, result: 0 })));
  }
}

it('brings every receipt and every event once, however often links break', async () => {
  for (const seed of [1, 2]) {
    const generator = new SeededRandom(seed);
    const random = () => generator.below(1_000_000) / 1_000_000;
    const chain = new FakeChain(random);
    const served = await Promise.all(Array.from({ length: NODES }, () => FakeNode.start()));
    nodes.push(...served);
    for (const node of served) chain.serve(node);
    const names = served.map(({ name }) => name);
    const transport = new ChannelTransport({ nodes: names, ca: '', cert: '', key: '', dial: plainDial });
    transports.push(transport);

    const events: Log[] = [];
    const filter = { addresses: [], topics: [], fromBlock: 1, toBlock: undefined };
    transport.watchLogs(1, filter, {
      onLogs: (logs) => events.push(...logs),
      onError: (error) => expect(error).toBeNull(),
    });
    const settled = new Map<Hash, number>();
    const sends = Array.from({ length: TRANSACTIONS }, async (_, number) => {
      const hash = hashOf(number + 1);
      // The fake chain does not look into transactions: the hash stands for one.
      expect(await transport.sendTransaction(1, hash, hash)).toBe(hash);
      const receipt = await transport.pushedReceipt(hash)!;
      expect(receipt).toEqual({ status: '0x0', transactionHash: hash });
      settled.set(hash, (settled.get(hash) ?? 0) + 1);
    });
    let breaks = 0;
    /** Requests each node had when its links broke last: only a link that was used since breaks again. */
    const askedBefore = new Map<FakeNode, number>();
    while (settled.size < TRANSACTIONS) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      const linked = served.find((node) => node.linksCount > 0 && node.asked.length > (askedBefore.get(node) ?? 0));
      const chance = random();
      if (chance < 0.15 && linked !== undefined && breaks < BREAKS_MAX) {
        breaks += 1;
        askedBefore.set(linked, linked.asked.length);
        chain.break(linked);
      } else if (chance < 0.4) {
        chain.mine();
      }
    }
    await Promise.all(sends);
    expect(breaks).toBeGreaterThan(3);
    expect([settled.size, [...settled.values()].every((count) => count === 1)]).toEqual([TRANSACTIONS, true]);
    await expect.poll(() => events.length).toBe(TRANSACTIONS);
    expect(events.map(({ transactionHash }) => transactionHash)).toEqual(chain.blocks.flatMap(({ hashes }) => hashes));
  }
});
