import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '@menglian/sdk/hex';
import { BUNDLE_RECEIPT_BYTES_MAX } from './limits.js';
import type { MessagePlace } from './ports.js';
import { planBundles } from './relayPlan.js';

const hashOf = (index: number): Hash => `0x${index.toString(16).padStart(64, '0')}`;

/** Transactions of a block, each with some messages. */
const places = fc
  .array(fc.record({ messages: fc.integer({ min: 1, max: 5 }), bytes: fc.integer({ min: 1, max: 900_000 }) }), {
    maxLength: 300,
  })
  .map((transactions) => {
    let last = 0n;
    return transactions.map(({ messages, bytes }, index): MessagePlace => {
      last += BigInt(messages);
      return { transactionHash: hashOf(index), last, bytes };
    });
  });

describe('bundles of a block', () => {
  it('hold all that is not taken, once, in order, within bounds', () => {
    fc.assert(
      fc.property(places, fc.bigInt(0n, 900n), fc.integer({ min: 1, max: 100 }), (block, taken, receiptsMax) => {
        const bundles = planBundles(7, block, taken, receiptsMax);
        const wanted = block.filter(({ last }) => last > taken);
        expect(bundles.flatMap(({ transactions }) => transactions)).toEqual(
          wanted.map(({ transactionHash }) => transactionHash),
        );
        const placeOf = new Map(block.map((place) => [place.transactionHash, place]));
        for (const { transactions, last } of bundles) {
          const held = transactions.map((hash) => placeOf.get(hash)!);
          expect(held.length).toBeGreaterThan(0);
          expect(held.length).toBeLessThanOrEqual(Math.min(receiptsMax, 64));
          expect(last).toBe(held.at(-1)!.last);
          const bytes = held.reduce((sum, place) => sum + place.bytes, 0);
          expect(bytes <= BUNDLE_RECEIPT_BYTES_MAX || held.length === 1).toBe(true);
        }
      }),
    );
  });

  it('are few: a bundle is closed only when the next receipt does not fit', () => {
    const block = Array.from({ length: 130 }, (_, index) => ({
      transactionHash: hashOf(index),
      last: BigInt(index + 1),
      bytes: 100,
    }));
    expect(planBundles(7, block, 0n).map(({ transactions }) => transactions.length)).toEqual([64, 64, 2]);
    expect(planBundles(7, block, 130n)).toEqual([]);
  });
});
