import { describe, expect, it } from 'vitest';
import { calm } from './swarm.js';
import { World } from './world.js';

const BLOCKS = 3;

/** Submits, one at a time, until every honest replica has stored that many blocks. @returns false when they never do */
function reach(world: World, blocks: number, limitMs: number): boolean {
  const isReached = (): boolean => world.honest.every((node) => node.isUp && node.height >= blocks);
  while (!isReached() && world.scheduler.nowMs < limitMs) {
    if (world.honest.every((node) => node.pool.size === 0)) world.submit();
    world.resubmit();
    world.scheduler.runUntil(world.scheduler.nowMs + 100);
  }
  return isReached();
}

/**
 * A fixed run in which the victims lose power right after their n-th effect, for every n: between a record and the vote
 * it allows, between two sends, between decision and storage. The checker watches for double votes all along.
 */
describe('power fails after every single effect', () => {
  for (const victims of [[1], [2], [1, 2], [0, 1, 2, 3]]) {
    it(`of replicas ${victims.join(', ')}`, () => {
      let points = 0;
      for (let point = 1; ; point++) {
        const world = new World({ ...calm(5), persistMs: 1, executeMs: 3, storeMs: 3 });
        const counts = new Map<number, number>();
        let crashes = 0;
        world.afterEffect = (node) => {
          const count = (counts.get(node.index) ?? 0) + 1;
          counts.set(node.index, count);
          if (count !== point || !victims.includes(node.index)) return;
          crashes++;
          node.crash();
          world.scheduler.after(400, () => node.start());
        };
        world.startAll();
        expect(reach(world, BLOCKS, 60_000), `no progress after crash point ${point}`).toBe(true);
        if (crashes === 0) break;
        points = point;
      }
      expect(points).toBeGreaterThan(20);
    });
  }
});
