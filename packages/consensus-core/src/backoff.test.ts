import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.js';

describe('backoff', () => {
  it('grows by half each step, in integers', () => {
    expect([0, 1, 2, 3, 4].map((cycle) => backoffMs(3000, cycle, 60_000))).toEqual([3000, 4500, 6750, 10_125, 15_187]);
  });

  it('stops at the cap, however long nothing moved', () => {
    expect(backoffMs(3000, 9, 30_000)).toBe(30_000);
    expect(backoffMs(3000, 1_000_000_000, 30_000)).toBe(30_000);
  });

  it('never waits less than the base', () => {
    expect(backoffMs(60_000, 5, 30_000)).toBe(60_000);
  });
});
