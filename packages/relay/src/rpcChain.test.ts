import { toPrefixedHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { markLog, sentMessageLog } from '@menglian/interchain/sentMessage';
import { Client } from '@menglian/sdk/client';
import { type Hash, hexOf } from '@menglian/sdk/hex';
import { FakeTransport, Refusal } from '@menglian/sdk/testing/fakeTransport';
import type { Log } from '@menglian/types/receipt';
import { beforeEach, describe, expect, it } from 'vitest';
import { RpcChain } from './rpcChain.js';

const suite = await loadSuite('ecdsa');
const [HERE, THERE, ELSEWHERE] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const ADDRESS = '11'.repeat(20);
const to = hexOf(THERE);

/** Logs of each transaction, by block. */
let blocks: Map<number, readonly (readonly Log[])[]>;
let asked: string[];
let calls: (data: string) => unknown;
beforeEach(() => {
  blocks = new Map();
  asked = [];
  calls = () => ({ currentBlockNumber: '0x1', output: '0x', status: '0x1a' });
});

const hashOf = (blockNumber: number, index: number): Hash =>
  hexOf(suite.hash(new Uint8Array([blockNumber, index >> 8, index])));

function receipts(blockNumber: number, from: number, count: number): unknown {
  const all = blocks.get(blockNumber) ?? [];
  if (from >= all.length) return new Refusal(-40_099, 'no receipts');
  const place = { blockHash: hashOf(blockNumber, 0), blockNumber: String(blockNumber), receiptRoot: hexOf(HERE) };
  return {
    blockInfo: { ...place, receiptsCount: String(all.length) },
    transactionReceipts: all.slice(from, from + count).map((logs, offset) => ({
      contractAddress: `0x${ADDRESS}`,
      from: `0x${ADDRESS}`,
      to: `0x${ADDRESS}`,
      gasUsed: '0x1',
      output: '0x',
      status: '0x0',
      transactionHash: hashOf(blockNumber, from + offset),
      transactionIndex: String(from + offset),
      logs: logs.map(({ address, topics, data }) => ({
        address: `0x${address}`,
        topics: topics.map(toPrefixedHex),
        data: toPrefixedHex(data),
      })),
    })),
  };
}

const transport = new FakeTransport((method, params) => {
  asked.push(method);
  if (method === 'getBlockHashByNumber') return hexOf(HERE);
  if (method === 'getBatchReceiptsByBlockNumberAndRange') {
    return receipts(Number(params[1]), Number(params[2]), Number(params[3]));
  }
  if (method === 'call') return calls((params[1] as { data: string }).data);
  return null;
});
const chain = () => new RpcChain('users', new Client(suite, { transport, chainId: 1 }));

const sent = (sequence: bigint, target = THERE): Log =>
  sentMessageLog(suite, {
    source: HERE,
    chain: target,
    sequence,
    sender: ADDRESS,
    receiver: ADDRESS,
    payload: new Uint8Array(1000),
  });
const other: Log = { address: ADDRESS, topics: sent(1n).topics, data: sent(1n).data };

describe('messages of a block', () => {
  it('are those of the contract, to this chain, by transaction, also where there are thousands', async () => {
    const idle = Array.from({ length: 1200 }, () => []);
    blocks.set(5, [
      [other],
      [sent(1n), sent(2n)],
      [sent(1n, ELSEWHERE)],
      ...idle,
      [other, sent(3n), sent(2n, ELSEWHERE)],
    ]);
    const places = await chain().messagesIn(5, to);
    expect(places.map(({ transactionHash, last }) => [transactionHash, last])).toEqual([
      [hashOf(5, 1), 2n],
      [hashOf(5, 1203), 3n],
    ]);
    expect(asked.filter((method) => method.startsWith('getBatch')).length).toBe(3);
    for (const { bytes } of places) expect(bytes).toBeGreaterThan(7000);
  });

  it('are none in a block without transactions', async () => {
    expect(await chain().messagesIn(5, to)).toEqual([]);
  });
});

describe('a block that says which chain it is of', () => {
  it('is the highest with a message or a mark between two heights', async () => {
    blocks.set(3, [[sent(1n, ELSEWHERE)]]);
    blocks.set(6, [[other], [markLog(suite, HERE)]]);
    expect(await chain().findMarked(0, 9)).toEqual({ blockNumber: 6, transactionHash: hashOf(6, 1) });
    expect(await chain().findMarked(0, 5)).toEqual({ blockNumber: 3, transactionHash: hashOf(3, 0) });
    expect(await chain().findMarked(3, 5)).toBeUndefined();
    expect(await chain().findMarked(5, 5)).toBeUndefined();
  });

  it('is not searched for without end', async () => {
    blocks.set(3, [[sent(1n)]]);
    expect(await chain().findMarked(0, 5000)).toBeUndefined();
    expect(asked.length).toBe(1000);
  });
});

it('a chain that has not switched messages on is told as such', async () => {
  const notOn = { code: 'InterchainOff', message: expect.stringContaining('users takes no part in messages') };
  await expect(chain().lastSent(to)).rejects.toMatchObject(notOn);
  await expect(chain().lastTaken(to)).rejects.toMatchObject(notOn);
  await expect(chain().knows(to)).rejects.toMatchObject(notOn);
  await expect(chain().closableAccounts()).rejects.toMatchObject(notOn);
});

it('a node that is behind is told as such', async () => {
  await expect(chain().bundle(5, [hashOf(5, 1)])).rejects.toThrow();
});

it('is known by its first block, asked once', async () => {
  const one = chain();
  expect([await one.identity(), await one.identity(), asked.length]).toEqual([hexOf(HERE), hexOf(HERE), 1]);
});

it('looks for refused messages from the last one down, until it has found all', async () => {
  const word = (value: number) => value.toString(16).padStart(64, '0');
  const failed = new Set([4, 7]);
  calls = (data) => {
    const isInbox = data.length === 2 + 8 + 64;
    const sequence = Number(`0x${data.slice(-64)}`);
    const output = isInbox ? `0x${word(9)}${word(2)}` : `0x${word(failed.has(sequence) ? 2 : 1)}`;
    return { currentBlockNumber: '0x1', output, status: '0x0' };
  };
  expect(await chain().failedMessages(to)).toEqual([4n, 7n]);
  expect(asked.length).toBe(1 + 6);
});
