import { describe, expect, it } from 'vitest';
import { honestWitnessSize, maxFaulty, quorumSize } from './quorum.js';

/** An off-by-one here is a fork or a halt, so every claim the protocol rests on is checked for every group size. */
describe('quorum arithmetic, every group of 1 to 1024', () => {
  const sizes = Array.from({ length: 1024 }, (_, index) => index + 1);

  it('agrees with the table of small groups', () => {
    const table = sizes.slice(0, 10).map((n) => [n, maxFaulty(n), quorumSize(n)]);
    expect(table).toEqual([
      [1, 0, 1],
      [2, 0, 2],
      [3, 0, 3],
      [4, 1, 3],
      [5, 1, 4],
      [6, 1, 5],
      [7, 2, 5],
      [8, 2, 6],
      [9, 2, 7],
      [10, 3, 7],
    ]);
  });

  it('any two quorums share at least one honest voter', () => {
    for (const n of sizes) expect(2 * quorumSize(n) - n).toBeGreaterThan(maxFaulty(n));
  });

  it('a quorum is reachable while every faulty voter is silent', () => {
    for (const n of sizes) expect(quorumSize(n)).toBeLessThanOrEqual(n - maxFaulty(n));
  });

  it('one more faulty voter would break either promise', () => {
    for (const n of sizes) {
      const faulty = maxFaulty(n) + 1;
      const quorum = n - faulty;
      expect(2 * quorum - n > faulty).toBe(false);
    }
  });

  it('a quorum holds a majority of the honest, so that two quorums cannot split them', () => {
    for (const n of sizes) {
      const honest = n - maxFaulty(n);
      expect(2 * (quorumSize(n) - maxFaulty(n))).toBeGreaterThan(honest - 1);
    }
  });

  it('a witness set has an honest member and every quorum holds one', () => {
    for (const n of sizes) {
      expect(honestWitnessSize(n) - maxFaulty(n)).toBe(1);
      expect(quorumSize(n)).toBeGreaterThanOrEqual(honestWitnessSize(n));
    }
  });

  it('agrees with counting subsets, groups of up to 10', () => {
    for (let n = 1; n <= 10; n++) {
      const members = Array.from({ length: 1 << n }, (_, set) => set);
      const bits = (set: number): number => set.toString(2).replaceAll('0', '').length;
      const quorums = members.filter((set) => bits(set) === quorumSize(n));
      const smallestOverlap = Math.min(...quorums.map((set) => bits(set & quorums[0]!)));
      expect(smallestOverlap).toBeGreaterThan(maxFaulty(n));
    }
  });

  it('refuses an empty group', () => {
    expect(() => maxFaulty(0)).toThrow('consensus/voter-count');
  });
});
