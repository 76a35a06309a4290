import { describe, expect, it } from 'vitest';
import { gasUsedAfterRefund } from './refund.js';

const LIMIT = 300_000_000;

describe('gasUsedAfterRefund', () => {
  it('is what was used when there is nothing to refund', () => {
    expect(gasUsedAfterRefund(LIMIT, LIMIT - 21_000, 0, 0n)).toBe(21_000n);
  });

  it('refunds at most half of what was used when the gas field is the limit', () => {
    expect(gasUsedAfterRefund(LIMIT, LIMIT - 60_000, 15_000, BigInt(LIMIT))).toBe(45_000n);
    expect(gasUsedAfterRefund(LIMIT, LIMIT - 68_276, 48_000, BigInt(LIMIT))).toBe(34_138n);
  });

  it('loses the cap and wraps below zero when the gas field is small, as recorded', () => {
    const wrapped = BigInt('0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd9ba');
    expect(gasUsedAfterRefund(LIMIT, LIMIT - 35_202, 45_000, 1000n)).toBe(wrapped);
  });
});
