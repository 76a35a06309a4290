/** One run: chaos while it lasts, then everything heals and progress is demanded within a bound. */
import { invariant } from '@menglian/base/invariant';
import { MESSAGE_CODES } from '@menglian/pbft/messages';
import { BLOCK_SYNC_CODE } from './network.js';
import type { SimulatedNode } from './node.js';
import type { SimulationOptions } from './options.js';
import { World } from './world.js';

const RESUBMIT_EVERY_MS = 2000;

export interface Outcome {
  readonly height: number;
  readonly view: number;
  readonly simulatedMs: number;
  readonly events: number;
  readonly fingerprint: string;
  readonly marks: ReadonlyMap<string, number>;
}

export function runSimulation(options: SimulationOptions, prepare?: (world: World) => void): Outcome {
  const world = new World(options);
  prepare?.(world);
  world.startAll();
  submitForEver(world);
  if (options.partitionEveryMs > 0) plan(world, options.partitionEveryMs, () => partition(world));
  if (options.jamEveryMs > 0) plan(world, options.jamEveryMs, () => jam(world));
  if (options.crashEveryMs > 0) plan(world, options.crashEveryMs, () => crashSomebody(world));
  let events = world.scheduler.runUntil(options.chaosMs);
  world.isChaos = false;
  heal(world);
  const healedMs = world.scheduler.nowMs;
  const target = Math.max(...world.honest.map((node) => node.height)) + 3;
  const deadlineMs = healedMs + healBoundMs(world);
  while (world.honest.some((node) => node.height < target)) {
    const isLate = world.scheduler.nowMs >= deadlineMs;
    invariant(!isLate, 'sim/L1', `seed ${options.seed}: no progress ${healBoundMs(world)} ms after healing`);
    events += world.scheduler.runUntil(world.scheduler.nowMs + 100);
  }
  return {
    height: Math.max(...world.honest.map((node) => node.height)),
    view: Math.max(...world.honest.map((node) => node.engine!.status().view)),
    simulatedMs: world.scheduler.nowMs,
    events,
    fingerprint: world.checker.fingerprint,
    marks: world.checker.marks,
  };
}

/**
 * After healing: one waiting time at its cap until somebody asks, then a capped one for each faulty leader in a row, for
 * each of the three blocks demanded; plus sync and repeats of messages.
 */
function healBoundMs(world: World): number {
  const capMs = world.timing.maximumTimeoutMs;
  return capMs * (2 + 2 * (world.maxFaulty + 1)) + 10 * RESUBMIT_EVERY_MS;
}

function submitForEver(world: World): void {
  const { transactionsPerSecond } = world.options;
  const next = (): void => {
    world.submit();
    world.scheduler.after(1 + world.random.below(2000 / transactionsPerSecond), next);
  };
  const again = (): void => {
    world.resubmit();
    for (const node of world.nodes) node.announceToObservers();
    world.scheduler.after(RESUBMIT_EVERY_MS, again);
  };
  next();
  world.scheduler.after(RESUBMIT_EVERY_MS, again);
}

function plan(world: World, everyMs: number, act: () => void): void {
  const next = (): void => {
    if (!world.isChaos) return;
    act();
    world.scheduler.after(1 + world.random.below(2 * everyMs), next);
  };
  world.scheduler.after(1 + world.random.below(2 * everyMs), next);
}

/** Cuts links, for a while: halves, one alone, one direction only, or random links. */
function partition(world: World): void {
  const { random, network } = world;
  const count = world.nodes.length;
  const shape = random.below(4);
  const sides = world.nodes.map(() => random.below(2));
  const alone = random.below(count);
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) {
      const isCut =
        (shape === 0 && sides[from] !== sides[to]) ||
        (shape === 1 && (from === alone) !== (to === alone)) ||
        (shape === 2 && sides[from] === 0 && sides[to] === 1) ||
        (shape === 3 && random.chance(25));
      if (isCut && from !== to) network.cut(from, to);
    }
  }
  tellSessions(world);
  world.scheduler.after(200 + random.below(4000), () => {
    network.mend();
    tellSessions(world);
  });
}

/** Keeps one or two phases from most of the replicas. */
function jam(world: World): void {
  const { random } = world;
  const { prepare, commit, checkpoint, newView } = MESSAGE_CODES;
  const phases = [prepare, commit, checkpoint, newView, BLOCK_SYNC_CODE];
  const codes = phases.filter(() => random.chance(40));
  const receivers = world.nodes.map(({ index }) => index).filter(() => random.chance(60));
  world.network.jam(codes, receivers);
}

/** The transport notices, in time, which sessions it has. */
function tellSessions(world: World): void {
  for (const node of world.nodes) {
    for (const other of world.nodes) {
      if (node === other) continue;
      world.scheduler.after(world.random.below(500), () => {
        const isCut = world.network.isCut(node.index, other.index) || world.network.isCut(other.index, node.index);
        node.input({ kind: isCut || !other.isUp ? 'peerDown' : 'peerUp', nodeId: other.nodeId });
      });
    }
  }
}

function crashSomebody(world: World): void {
  const down = world.nodes.filter((node) => !node.isUp || !node.isHonest).length;
  const up = world.nodes.filter((node) => node.isUp);
  if (down >= world.maxFaulty + world.options.extraCrashes || up.length === 0) return;
  const victim = world.random.pick(up);
  victim.crash();
  world.scheduler.after(50 + world.random.below(5000), () => {
    if (world.isChaos && !victim.isUp) victim.start();
  });
}

function heal(world: World): void {
  world.network.heal();
  for (const node of world.nodes) if (!node.isUp) restart(node);
  tellSessions(world);
  world.resubmit();
}

function restart(node: SimulatedNode): void {
  node.start();
}
