import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexOfMedian, median, percentile, spread, summarizeLatencies } from './percentiles.js';

describe('percentiles', () => {
  it('are the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 95, 99, 100]);
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([1, 2, 3], 0.5)).toBe(2);
  });

  it('have at least their share of the values at or below them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (values, share) => {
          const ascending = values.toSorted((a, b) => a - b);
          const found = percentile(ascending, share);
          expect(values).toContain(found);
          expect(ascending.filter((value) => value <= found).length).toBeGreaterThanOrEqual(values.length * share);
        },
      ),
    );
  });

  it('are zero where nothing was committed', () => {
    expect(summarizeLatencies([])).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
    expect(summarizeLatencies([1.26, 2])).toEqual({ p50: 1.3, p95: 2, p99: 2, max: 2 });
  });
});

describe('medians', () => {
  it('are in the middle, whatever the order', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(spread([30, 10, 20])).toEqual({ min: 10, median: 20, max: 30 });
  });

  it('belong to a value', () => {
    expect(indexOfMedian([30, 10, 20])).toBe(2);
    expect(indexOfMedian([40, 10, 20, 30])).toBe(2);
    expect(indexOfMedian([5])).toBe(0);
  });
});
