import { describe, expect, it } from 'vitest';
import { createClient } from '../client.js';
import type { Hash, Hex } from '../hex.js';
import { fakePorts } from '../testing/fakePorts.js';
import { FakeTransport, Refusal } from '../testing/fakeTransport.js';
import { sdkError } from '../sdkError.js';
import type { Log } from './log.js';

const ALICE: Hex = `0x${'a1'.repeat(20)}`;
const BOB: Hex = `0x${'b0'.repeat(20)}`;
const TOPIC: Hash = `0x${'01'.repeat(32)}`;
const hash = (number: number): Hash => `0x${number.toString(16).padStart(64, '0')}`;

/** A chain whose block n has a log of Alice and one of Bob; every third block is empty. */
function blockOf(number: number): unknown {
  if (number % 3 === 0) return new Refusal(-40099, 'start index out of range, the number of receipt is 0');
  const receipt = (index: number, address: Hex) => ({
    contractAddress: BOB,
    from: ALICE,
    gasUsed: '0x1',
    logs: [{ address, data: '0x', topics: [TOPIC] }],
    output: '0x',
    status: '0x0',
    to: ALICE,
    transactionHash: hash(100 * number + index),
    transactionIndex: `0x${index}`,
  });
  return {
    blockInfo: {
      blockHash: hash(number),
      blockNumber: `0x${number.toString(16)}`,
      receiptRoot: hash(0),
      receiptsCount: '0x2',
    },
    transactionReceipts: [receipt(0, ALICE), receipt(1, BOB)],
  };
}

async function clientOf(heights: () => number, fails: () => boolean = () => false) {
  const transport = new FakeTransport((method, params) => {
    if (fails()) throw sdkError('NoConnection', 'lost', 'wait');
    return method === 'getBlockNumber' ? heights() : blockOf(Number(params[1]));
  });
  return createClient({ transport, ports: fakePorts() });
}

const place = ({ blockNumber, address }: Log) => [blockNumber, address];

describe('logs of nodes that do not speak first', () => {
  it('are found block by block', async () => {
    const client = await clientOf(() => 5);
    const filter = { addresses: [ALICE], topics: [[TOPIC]], fromBlock: 2, toBlock: undefined };
    expect((await client.getLogs(filter)).map(place)).toEqual([2, 4, 5].map((number) => [number, ALICE]));
    expect(await client.getLogs({ ...filter, topics: [[hash(9)]] })).toEqual([]);
    expect(await client.getLogs({ ...filter, topics: [null, [TOPIC]] })).toEqual([]);
    expect((await client.getLogs({ ...filter, addresses: [], toBlock: 2 })).map(place)).toEqual([
      [2, ALICE],
      [2, BOB],
    ]);
  });

  it('come once and in order, also when nodes are lost for a while', async () => {
    let asked = 0;
    const client = await clientOf(
      () => Math.floor(asked / 7),
      () => ++asked % 3 === 0,
    );
    const seen: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      const filter = { addresses: [BOB], topics: [], fromBlock: 1, toBlock: undefined };
      const stop = client.watchLogs(filter, {
        onLogs: (logs) => {
          seen.push(...logs.map(place));
          if (seen.length < 6) return;
          stop();
          resolve();
        },
        onError: reject,
      });
    });
    expect(seen).toEqual([1, 2, 4, 5, 7, 8].map((number) => [number, BOB]));
  });

  it('end with an error that will not pass', async () => {
    const client = await createClient({
      transport: new FakeTransport(() => new Refusal(-40001, 'x')),
      ports: fakePorts(),
    });
    const filter = { addresses: [], topics: [], fromBlock: 0, toBlock: undefined };
    const error = await new Promise((onError) => client.watchLogs(filter, { onLogs: () => {}, onError }));
    expect(error).toMatchObject({ code: -40001 });
  });

  it('come with heights', async () => {
    let height = 3;
    const client = await clientOf(() => height++);
    const heights: number[] = [];
    await new Promise<void>((resolve) => {
      const stop = client.watchBlocks((blockNumber) => {
        heights.push(blockNumber);
        if (heights.length < 3) return;
        stop();
        resolve();
      });
    });
    expect(heights).toEqual([3, 4, 5]);
  });
});
