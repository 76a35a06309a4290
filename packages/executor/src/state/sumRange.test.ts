import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SumRange } from './sumRange.js';

const LIMIT = 2n ** 256n;

function outcomeOf(sum: bigint) {
  return sum < 0n ? 'negative' : sum < LIMIT ? 'fits' : 'overflow';
}

describe('SumRange', () => {
  it('is where, and only where, a transaction would have found the same', () => {
    const near = (edge: bigint) => fc.bigInt({ min: -20n, max: 20n }).map((step) => edge + step);
    const number = fc.oneof(near(20n), near(LIMIT - 21n));
    const amount = fc.oneof(near(0n), near(LIMIT - 21n));
    fc.assert(
      fc.property(number, number, fc.array(fc.tuple(amount, fc.boolean()), { maxLength: 5 }), (base, other, steps) => {
        const range = new SumRange(base);
        let [value, otherValue, isSame] = [base, other, true];
        for (const [step, isUndone] of steps) {
          const outcome = outcomeOf(value + step);
          range.compare(value + step, outcome);
          isSame &&= outcomeOf(otherValue + step) === outcome;
          if (outcome !== 'fits' || isUndone) continue;
          value += step;
          otherValue += step;
        }
        expect(range.low <= other && other <= range.high).toBe(isSame);
      }),
      { numRuns: 2000 },
    );
  });
});
