import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentCodes } from './recentCodes.js';

describe('RecentCodes', () => {
  it('forgets what was used longest ago', () => {
    const codes = new RecentCodes<string>(10);
    codes.add('a', 'A', 4);
    codes.add('b', 'B', 4);
    expect(codes.get('a')).toBe('A');
    codes.add('c', 'C', 4);
    expect([codes.get('a'), codes.get('b'), codes.get('c')]).toStrictEqual(['A', undefined, 'C']);
  });

  /** What a transaction was charged for as new may be in an older cache; what it was not charged for must be. */
  it('holds whatever a younger one of the same size holds', () => {
    const use = (codes: RecentCodes<number>, name: number): boolean => {
      if (codes.get(String(name)) !== undefined) return true;
      codes.add(String(name), name, name);
      return false;
    };
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 8 })),
        fc.array(fc.integer({ min: 1, max: 8 })),
        (before, after) => {
          const older = new RecentCodes<number>(12);
          const younger = new RecentCodes<number>(12);
          for (const name of before) use(older, name);
          for (const name of after) {
            const isHit = use(younger, name);
            expect(use(older, name) || !isHit).toBe(true);
          }
        },
      ),
    );
  });
});
