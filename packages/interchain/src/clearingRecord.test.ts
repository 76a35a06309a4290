import { concatBytes, toByteString } from '@menglian/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClearingRecord, decodeClearingRecord, encodeClearingRecord, NO_RECORD_HASH } from './clearingRecord.js';
import { type ClearingMessage, decodeClearingMessage, encodeClearingMessage } from './clearingRecordMessages.js';

const name = fc.uint8Array({ minLength: 1, maxLength: 64 }).map(toByteString);
const word = fc.uint8Array({ minLength: 32, maxLength: 32 });
const number = fc.bigInt(0n, 2n ** 256n - 1n);
const owner = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex'));

const record: fc.Arbitrary<ClearingRecord> = fc.record({
  account: name,
  chain: word,
  epoch: number,
  amountIn: number,
  amountOut: number,
  payments: number,
  firstBlock: number,
  lastBlock: number,
  previousHash: word,
});

const message: fc.Arbitrary<ClearingMessage> = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), account: name, owner }),
  fc.record({ kind: fc.constant('opened' as const), account: name }),
  fc.record({ kind: fc.constant('grant' as const), account: name, number, amount: number }),
  fc.record({ kind: fc.constant('close' as const), record: fc.uint8Array({ maxLength: 500 }) }),
  fc.record({ kind: fc.constant('settled' as const), account: name, epoch: number, recordHash: word }),
);

describe('a clearing record', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(record, (one) => {
        expect(decodeClearingRecord(encodeClearingRecord(one))).toEqual({ ok: true, value: one });
      }),
    );
  });

  it('has one form in bytes, so that it has one hash', () => {
    const change = fc.tuple(fc.nat({ max: 400 }), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(record, change, (one, [place, by]) => {
        const bytes = encodeClearingRecord(one);
        bytes[place % bytes.length]! ^= by;
        const read = decodeClearingRecord(bytes);
        if (read.ok) expect(encodeClearingRecord(read.value)).toEqual(bytes);
        expect(decodeClearingRecord(concatBytes(encodeClearingRecord(one), new Uint8Array(1))).ok).toBe(false);
      }),
    );
  });

  it('of any other bytes is none', () => {
    for (const length of [0, 1, 31, 288, 1024, 1025, 100_000]) {
      expect(decodeClearingRecord(new Uint8Array(length))).toEqual({ ok: false, reason: 'malformed' });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(decodeClearingRecord(bytes).ok).toBe(false);
      }),
    );
  });

  it('has these bytes', () => {
    const bytes = encodeClearingRecord({
      account: 'shop',
      chain: new Uint8Array(32).fill(0xc1),
      epoch: 1n,
      amountIn: 42n,
      amountOut: 7n,
      payments: 3n,
      firstBlock: 10n,
      lastBlock: 12n,
      previousHash: NO_RECORD_HASH,
    });
    const words = ['120', 'c1'.repeat(32), '1', '2a', '7', '3', 'a', 'c', '0', '4'].map((text) =>
      text.padStart(64, '0'),
    );
    expect(Buffer.from(bytes).toString('hex')).toBe(
      `${words.join('')}${Buffer.from('shop').toString('hex').padEnd(64, '0')}`,
    );
  });
});

describe('a message about clearing', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(message, (one) => {
        expect(decodeClearingMessage(encodeClearingMessage(one))).toEqual({ ok: true, value: one });
      }),
    );
  });

  it('of other bytes is malformed or one that can be written', () => {
    const change = fc.tuple(fc.nat({ max: 600 }), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(message, change, fc.nat({ max: 200 }), (one, [place, by], cut) => {
        const bytes = encodeClearingMessage(one);
        bytes[place % bytes.length]! ^= by;
        const read = decodeClearingMessage(bytes.subarray(0, bytes.length - cut));
        if (read.ok) expect(decodeClearingMessage(encodeClearingMessage(read.value))).toEqual(read);
      }),
    );
    for (const length of [0, 32, 64, 96, 16_384])
      expect(decodeClearingMessage(new Uint8Array(length).fill(255)).ok).toBe(false);
  });
});
