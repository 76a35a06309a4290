import { describe, expect, it } from 'vitest';
import { muteVotes } from './faults/partitions.js';
import type { EngineKind, SimulationOptions } from './options.js';
import { calm } from './swarm.js';
import { World } from './world.js';

const HOUR_MS = 3_600_000;

const ENGINES: readonly { readonly engine: EngineKind; readonly options: Partial<SimulationOptions> }[] = [
  { engine: 'pbft', options: { replicas: 4 } },
  { engine: 'rpbft', options: { replicas: 6, workingSealers: 4, rotateEveryHeights: 2 } },
  { engine: 'raft', options: { replicas: 3 } },
];

function worldOf(engine: EngineKind, options: Partial<SimulationOptions>): World {
  const world = new World({ ...calm(11), engine, ...options });
  world.startAll();
  return world;
}

function heights(world: World): number[] {
  return world.nodes.map((node) => node.height);
}

function views(world: World): number[] {
  return world.nodes.map((node) => node.engine!.status().view);
}

function give(world: World): void {
  world.submit();
  world.resubmit();
}

/** @returns how long it takes until every replica that is up has stored that many blocks; Infinity when that is too long */
function timeToReach(world: World, height: number, limitMs: number): number {
  const startMs = world.scheduler.nowMs;
  while (world.nodes.some((node) => node.isUp && node.height < height)) {
    if (world.scheduler.nowMs - startMs > limitMs) return Number.POSITIVE_INFINITY;
    world.scheduler.runUntil(world.scheduler.nowMs + 10);
  }
  return world.scheduler.nowMs - startMs;
}

for (const { engine, options } of ENGINES) {
  describe(engine, () => {
    it('does nothing for an hour without work, and then works as ever (S16)', () => {
      const world = worldOf(engine, options);
      world.scheduler.runUntil(10_000);
      const before = views(world);
      const bytesBefore = world.network.sentBytes;
      world.scheduler.runUntil(HOUR_MS);
      expect(views(world)).toEqual(before);
      expect(Math.max(...heights(world))).toBe(0);
      const bytesPerSecondAndLink =
        (world.network.sentBytes - bytesBefore) / (HOUR_MS / 1000) / (world.nodes.length * (world.nodes.length - 1));
      expect(bytesPerSecondAndLink).toBeLessThan(1500);
      give(world);
      expect(timeToReach(world, 1, 5000)).toBeLessThan(engine === 'rpbft' ? 2500 : 600);
    });

    it('after an hour in which votes got lost, a block within ten seconds', () => {
      const world = worldOf(engine, options);
      give(world);
      muteVotes(world);
      world.scheduler.runUntil(HOUR_MS);
      expect(Math.max(...heights(world))).toBe(0);
      world.network.heal();
      expect(timeToReach(world, 1, 10_000)).toBeLessThanOrEqual(10_000);
    });

    it('after an hour with too few alive, a block within ten seconds', () => {
      const world = worldOf(engine, options);
      for (const node of world.nodes.slice(1)) node.crash();
      give(world);
      world.scheduler.runUntil(HOUR_MS);
      for (const node of world.nodes.slice(1)) node.start();
      world.resubmit();
      expect(timeToReach(world, 1, 10_000)).toBeLessThanOrEqual(10_000);
    });

    it('passes over f leaders in a row that are known to be gone, without waiting for one timeout (L3)', () => {
      const world = worldOf(engine, engine === 'rpbft' ? options : { replicas: engine === 'raft' ? 5 : 7 });
      give(world);
      expect(timeToReach(world, 1, 10_000)).toBeLessThan(3000);
      const { leader } = world.nodes[0]!.engine!.status();
      const first = world.nodes.findIndex(({ nodeId }) => nodeId === leader);
      const gone = engine === 'pbft' ? [first, (first + 1) % 7] : [first];
      for (const index of gone) world.nodes[index]!.crash();
      world.scheduler.runUntil(world.scheduler.nowMs + 400);
      give(world);
      // Raft has no list of leaders to pass over: it elects, once a full election timeout has gone by.
      const limitMs = engine === 'raft' ? 3000 : world.options.consensusTimeoutMs;
      expect(timeToReach(world, 2, 10_000)).toBeLessThan(limitMs + (engine === 'rpbft' ? 1500 : 0));
    });

    it('starves no transaction: all that were sent in a bad time are in the chain (L5)', () => {
      const world = worldOf(engine, { ...options, maxTransactions: 3 });
      for (let round = 0; round < 20; round++) {
        give(world);
        world.nodes[round % world.nodes.length]!.crash();
        world.scheduler.runUntil(world.scheduler.nowMs + 300);
        world.nodes[round % world.nodes.length]!.start();
      }
      for (let second = 0; second < 40 && world.unsettledCount > 0; second++) {
        world.resubmit();
        world.scheduler.runUntil(world.scheduler.nowMs + 1000);
      }
      expect(world.unsettledCount).toBe(0);
      const settled = heights(world);
      const calmViews = views(world);
      world.scheduler.runUntil(world.scheduler.nowMs + 600_000);
      expect(heights(world)).toEqual(settled);
      expect(views(world)).toEqual(calmViews);
    });
  });
}
