import { describe, expect, it } from 'vitest';
import { runSyncSeed } from './runSyncSeed.js';

const SEEDS = process.env['MENGLIAN_LONG'] === '1' ? 5000 : 30;

describe('sync under faults and liars', () => {
  it('stores nothing forged, stays within its bounds and catches up', { timeout: 3_600_000 }, () => {
    const marks = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed++) for (const mark of runSyncSeed(seed).marks) marks.add(mark);
    expect([...marks]).toEqual(expect.arrayContaining(['refuses', 'wants snapshot', 'installs snapshot', 'stores']));
  });

  it('goes the same way twice for one seed', () => {
    for (const seed of [3, 17, 101]) expect(runSyncSeed(seed)).toEqual(runSyncSeed(seed));
  });
});
