import { invariant } from '@menglian/base/invariant';
import { describe, expect, it } from 'vitest';
import { calmWhole, ENGINES, type Engine } from './wholeOptions.js';
import { WholeWorld } from './wholeWorld.js';

/** With MENGLIAN_LONG=1 at every write; otherwise at every so many, another residue for each side. */
const STRIDE = process.env['MENGLIAN_LONG'] === '1' ? 1 : 24;
const BLOCKS = 20;
const LONG_TIMEOUT_MS = 1_200_000;
const VICTIM = 1;

interface Sweep {
  readonly world: WholeWorld;
  readonly writes: number;
}

/** The same day each time, up to the crash: blocks by the pace of the clients. */
async function untilHeight(world: WholeWorld, height: number): Promise<void> {
  const deadlineMs = world.time.nowMs + 120_000;
  while (world.members().length < world.nodes.length || world.members().some((node) => node.height < height)) {
    invariant(
      world.time.nowMs < deadlineMs,
      'sim/sweep',
      `heads ${world
        .members()
        .map((node) => node.height)
        .join()}`,
    );
    await world.run(20);
  }
}

async function day(engine: Engine, kind?: 'crashBefore' | 'crashAfter', atWrite?: number): Promise<Sweep> {
  const world = new WholeWorld({ ...calmWhole(11, engine), clientPauseMs: 25, maxTransactions: 3 });
  const victim = world.nodes[VICTIM]!;
  if (kind !== undefined && atWrite !== undefined) victim.disk.plan = { atWrite, kind };
  for (const node of world.nodes) node.start();
  await world.run(300);
  world.clients.begin();
  if (kind !== undefined) {
    const deadlineMs = world.time.nowMs + 120_000;
    while (victim.isRunning && world.time.nowMs < deadlineMs) await world.run(20);
    expect(victim.isRunning).toBe(false);
    await world.run(200);
    victim.disk.plan = undefined;
    victim.start();
  }
  await untilHeight(world, BLOCKS);
  const writes = victim.disk.writeCount;
  // It votes again: without it, two of four are not enough, and all that was sent so far needs three.
  const other = world.nodes[(VICTIM + 1) % world.nodes.length]!;
  other.crash('process');
  const height = Math.max(...world.members().map((node) => node.height));
  const deadlineMs = world.time.nowMs + 60_000;
  while (victim.height < height + 2) {
    invariant(world.time.nowMs < deadlineMs, 'sim/sweep', `it does not vote again after ${kind} at write ${atWrite}`);
    await world.run(50);
  }
  world.clients.end();
  world.audit.checkAll(world.members());
  return { world, writes };
}

describe('a node that dies at any of its writes', () => {
  for (const engine of ENGINES) {
    it(`${engine}: starts from whole blocks, catches up and votes again`, { timeout: LONG_TIMEOUT_MS }, async () => {
      const { writes } = await day(engine);
      expect(writes).toBeGreaterThan(2 * BLOCKS);
      for (const [offset, kind] of (['crashBefore', 'crashAfter'] as const).entries()) {
        for (let atWrite = offset * 4; atWrite < writes; atWrite += STRIDE) await day(engine, kind, atWrite);
      }
    });
  }
});
