import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '@menglian/base/bytes';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { encodeBlock } from '@menglian/types/block';
import { encodeReceipt, type Receipt } from '@menglian/types/receipt';
import { BlockCache } from './blockCache.js';
import { decodeStoredBlock, encodeStoredBlock, type StoredBlock } from './storedBlock.js';
import { readReceipt, writeReceipt } from './storedReceipt.js';
import { TestChain } from './testing/chainFixture.js';

let suite: CryptoSuite;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

function decode(bytes: Uint8Array): StoredBlock {
  const block = decodeStoredBlock(suite, bytes);
  if (!block.ok) throw new Error(block.reason);
  return block.value;
}

describe('stored block', () => {
  it('gives back every byte of the block, with hashes and senders', () => {
    for (const transactions of [0, 1, 2, 50]) {
      const { block, signed } = new TestChain(suite, transactions).next({ transactions, changes: 3 });
      const stored = decode(encodeStoredBlock(block, signed));
      expect(stored.hash).toEqual(block.hash);
      expect(toHex(encodeBlock(stored))).toBe(toHex(encodeBlock(block)));
      expect(stored.transactionCount).toBe(transactions);
      expect(stored.transactionHashes).toEqual(signed.map(({ hash }) => hash));
      for (let index = 0; index < transactions; index++) {
        expect(stored.signedTransaction(index)).toEqual(signed[index]);
        expect(stored.receipt(index)).toEqual(block.receipts[index]);
      }
    }
  });

  it('reads a receipt alone, and refuses an index that is not there', () => {
    const { block, signed } = new TestChain(suite, 1).next({ transactions: 5, changes: 1 });
    const bytes = encodeStoredBlock(block, signed);
    expect(decode(bytes).receipt(3)).toEqual(block.receipts[3]);
    for (const index of [-1, 5, 0.5]) {
      expect(() => decode(bytes).receipt(index)).toThrow('ledger/receipt-index');
      expect(() => decode(bytes).transactionHash(index)).toThrow('ledger/transaction-index');
      expect(() => decode(bytes).sender(index)).toThrow('ledger/transaction-index');
    }
  });

  it('reads the header when all the rest is damaged, and says so when the rest is asked for', () => {
    const { block, signed } = new TestChain(suite, 1).next({ transactions: 5, changes: 1 });
    const bytes = encodeStoredBlock(block, signed);
    const headerEnd = bytes.length - (bytes.length - 45 - new DataView(bytes.buffer).getUint32(1));
    const stored = decode(bytes.fill(0xee, headerEnd));
    expect(stored.header).toEqual(block.header);
    const damaged = expect.objectContaining({ name: 'LedgerError', code: 'ledger/corrupt-block' });
    const reads = ['signatures', 'transactions', 'transactionCount', 'transactionHashes', 'receipts'] as const;
    for (const part of reads) expect(() => stored[part]).toThrow(damaged);
    expect(() => stored.signedTransaction(0)).toThrow(damaged);
  });

  it('finds any changed, missing or added byte', () => {
    const { block, signed } = new TestChain(suite, 2).next({ transactions: 3, changes: 1 });
    const bytes = encodeStoredBlock(block, signed);
    const readAll = (altered: Uint8Array): void => {
      const stored = decodeStoredBlock(suite, altered);
      if (!stored.ok) throw Object.assign(new Error(stored.reason), { code: 'ledger/corrupt-block' });
      void [stored.value.signatures, stored.value.transactions, stored.value.transactionHashes, stored.value.receipts];
    };
    readAll(bytes);
    const corrupt = expect.objectContaining({ code: 'ledger/corrupt-block' });
    for (let at = 0; at < bytes.length; at++) {
      const altered = bytes.slice();
      altered[at]! ^= 1 << (at % 8);
      expect(() => readAll(altered)).toThrow(corrupt);
    }
    for (let length = 0; length < bytes.length; length += 7)
      expect(() => readAll(bytes.subarray(0, length))).toThrow(corrupt);
    expect(() => readAll(new Uint8Array([...bytes, 0]))).toThrow(corrupt);
  });

  it('answers anything else with a reason', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeStoredBlock(suite, bytes)).toMatchObject({ ok: false });
        const versioned = Uint8Array.of(1, ...bytes);
        expect(decodeStoredBlock(suite, versioned)).toMatchObject({ ok: false });
      }),
    );
  });
});

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const addressText = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex);
const receipts: fc.Arbitrary<Receipt> = fc.record({
  stateRoot: fc.oneof(fc.constant(new Uint8Array(32).fill(5)), hash),
  gasUsed: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n }), fc.constant(2n ** 256n - 1n)),
  contractAddress: fc.oneof(fc.constant('0'.repeat(40)), addressText),
  logsBloom: fc.oneof(
    fc.array(fc.nat({ max: 2047 }), { maxLength: 130 }).map((bits) => {
      const bloom = new Uint8Array(256);
      for (const bit of bits) bloom[bit >> 3]! |= 1 << (bit & 7);
      return bloom;
    }),
    fc.uint8Array({ minLength: 256, maxLength: 256 }),
    fc.constant(new Uint8Array(256).fill(0xff)),
  ),
  status: fc.oneof(fc.nat({ max: 40 }), fc.constant(10_006)),
  output: fc.uint8Array({ maxLength: 70 }),
  remainGas: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 255n })),
  logs: fc.array(
    fc.record({
      address: addressText,
      topics: fc.array(hash, { maxLength: 4 }),
      data: fc.uint8Array({ maxLength: 50 }),
    }),
    { maxLength: 3 },
  ),
});

describe('stored receipt', () => {
  const stateRoot = new Uint8Array(32).fill(5);

  it('gives back every byte', () => {
    fc.assert(
      fc.property(receipts, (receipt) => {
        const writer = new BinaryWriter();
        writeReceipt(writer, receipt, stateRoot);
        const reader = new BinaryReader(writer.finish());
        const read = reader.result(readReceipt(reader, stateRoot));
        expect(read.ok && toHex(encodeReceipt(read.value))).toBe(toHex(encodeReceipt(receipt)));
      }),
    );
  });

  it('answers anything with a reason or a receipt that can be written again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (bytes, plain) => {
        if (plain && bytes.length > 0) bytes[0] = 0;
        const reader = new BinaryReader(bytes);
        const read = reader.result(readReceipt(reader, stateRoot));
        if (read.ok) writeReceipt(new BinaryWriter(), read.value, stateRoot);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('block cache', () => {
  it('is bounded by number and by bytes, and forgets what was not used for longest', () => {
    const chain = new TestChain(suite, 3);
    const blocks = Array.from({ length: 6 }, () => {
      const { block, signed } = chain.next({ transactions: 2, changes: 1 });
      return decode(encodeStoredBlock(block, signed));
    });
    const cache = new BlockCache(3, 1e9);
    for (const block of blocks.slice(0, 3)) cache.set(block);
    cache.get(1);
    cache.set(blocks[3]!);
    expect([1, 2, 3, 4].map((number) => cache.get(number)?.header.number)).toEqual([1, undefined, 3, 4]);
    cache.set(blocks[3]!);
    expect(cache.size).toBe(3);
    const small = new BlockCache(100, blocks[4]!.storedBytes + blocks[5]!.storedBytes);
    for (const block of blocks) small.set(block);
    expect(small.size).toBeLessThanOrEqual(3);
    expect(small.bytes).toBeLessThanOrEqual(small.maxBytes);
    expect(small.get(6)).toBe(blocks[5]);
    const tiny = new BlockCache(100, 1);
    tiny.set(blocks[0]!);
    expect([tiny.size, tiny.bytes]).toEqual([0, 0]);
  });
});
