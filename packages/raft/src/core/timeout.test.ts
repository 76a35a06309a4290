import { describe, expect, it } from 'vitest';
import { electionTimeoutMs } from './timeout.js';

describe('election timeouts', () => {
  it('are in [T, 2T), the same for the same story', () => {
    for (let draw = 0; draw < 1000; draw++) {
      const drawn = electionTimeoutMs(1000, 'n1', 3, draw);
      expect(drawn).toBeGreaterThanOrEqual(1000);
      expect(drawn).toBeLessThan(2000);
      expect(electionTimeoutMs(1000, 'n1', 3, draw)).toBe(drawn);
    }
  });

  it('are spread evenly over nodes, terms and draws', () => {
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i++) {
      const drawn = electionTimeoutMs(1000, `node${i % 7}`, Math.floor(i / 70), i % 10);
      buckets[Math.floor((drawn - 1000) / 100)]!++;
    }
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });
});
