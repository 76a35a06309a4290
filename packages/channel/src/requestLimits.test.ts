import { describe, expect, it } from 'vitest';
import { RequestLimits } from './requestLimits.js';

function limits(node: number, groups: [number, number][]) {
  let nowMs = 0;
  const limit = new RequestLimits(node, () => nowMs);
  for (const [groupId, ofGroup] of groups) limit.setGroup(groupId, ofGroup);
  const taken = (count: number, groupId?: number) =>
    Array.from({ length: count }, () => limit.take('getBlockNumber', groupId)).filter(Boolean).length;
  return { limit, taken, wait: (ms: number) => (nowMs += ms) };
}

describe('requests a second', () => {
  it('of the node count whatever they are about, and fill up with time', () => {
    const { taken, wait } = limits(10, []);
    expect(taken(20, 1)).toBe(10);
    expect(taken(5)).toBe(0);
    wait(300);
    expect(taken(20, 2)).toBe(3);
    wait(60_000);
    expect(taken(20, 2)).toBe(10);
  });

  it('of a group count for that group alone, and what it refuses does not count for the node', () => {
    const { taken } = limits(10, [[1, 4]]);
    expect(taken(9, 1)).toBe(4);
    expect(taken(9, 2)).toBe(6);
  });

  it('without a limit are never refused; getClientVersion is not counted', () => {
    const { taken, limit } = limits(0, [[1, 0]]);
    expect(taken(1000, 1)).toBe(1000);
    expect(limit.take('getClientVersion', undefined)).toBe(true);
    const strict = limits(1, []);
    expect(strict.taken(2)).toBe(1);
    expect(strict.limit.take('getClientVersion', undefined)).toBe(true);
  });
});
