/** One run: chaos while it lasts, then everything heals and progress is demanded within a bound. */
import { invariant } from '@menglian/base/invariant';
import { MAXIMUM_TIMEOUT_MS } from './engines.js';
import { jam, muteVotes, partition, separateTwins } from './faults/partitions.js';
import { crashSomebody, disturbClock, healProcesses, slowSomebody, stallSomebody } from './faults/processes.js';
import type { SimulationOptions } from './options.js';
import { World } from './world.js';

const RESUBMIT_EVERY_MS = 2000;
const SUBMIT_WHEN_HEALED_EVERY_MS = 200;
const SEPARATE_TWINS_EVERY_MS = 1000;
/** Blocks demanded after healing. */
const BLOCKS_AFTER_HEALING = 3;
/** Views, or terms, that may pass until then: far fewer than one for each timeout that progress is given. Usually one. */
const VIEWS_AFTER_HEALING = 24;

export interface Outcome {
  readonly height: number;
  readonly view: number;
  readonly simulatedMs: number;
  readonly events: number;
  /** From healing until every honest replica had stored a block above all those of the chaos. */
  readonly recoveryMs: number;
  readonly viewsAfterHealing: number;
  readonly fingerprint: string;
  readonly marks: ReadonlyMap<string, number>;
}

export function runSimulation(options: SimulationOptions, prepare?: (world: World) => void): Outcome {
  const world = new World(options);
  prepare?.(world);
  if (options.hostile.includes('twin')) plan(world, SEPARATE_TWINS_EVERY_MS, () => separateTwins(world));
  separateTwins(world);
  world.startAll();
  submitForEver(world);
  const { chaos } = options;
  plan(world, chaos.partitionEveryMs, () => partition(world));
  if (chaos.areVotesMute) muteVotes(world);
  else plan(world, chaos.jamEveryMs, () => jam(world));
  plan(world, chaos.crashEveryMs, () => crashSomebody(world));
  plan(world, chaos.stallEveryMs, () => stallSomebody(world));
  plan(world, chaos.clockJumpEveryMs, () => disturbClock(world));
  plan(world, chaos.slowEveryMs, () => slowSomebody(world));
  plan(world, options.load.membershipEveryMs, () => world.submitChange());
  let events = world.scheduler.runUntil(options.chaosMs);
  heal(world);
  const healedMs = world.scheduler.nowMs;
  const viewBefore = highestView(world);
  let recoveryMs = 0;
  for (let blocks = 1; blocks <= BLOCKS_AFTER_HEALING; blocks++) {
    const deadlineMs = world.scheduler.nowMs + progressBoundMs(world);
    const target = 1 + Math.max(world.checker.announcedHeight, ...world.honest.map((node) => node.height));
    while (world.honest.some((node) => node.height < target)) {
      const isLate = world.scheduler.nowMs >= deadlineMs;
      invariant(
        !isLate,
        'sim/L1',
        `seed ${options.seed}: no block ${target} ${progressBoundMs(world)} ms after healing`,
      );
      events += world.scheduler.runUntil(world.scheduler.nowMs + 50);
    }
    if (blocks === 1) recoveryMs = world.scheduler.nowMs - healedMs;
  }
  world.checker.atEnd();
  const viewsAfterHealing = highestView(world) - viewBefore;
  const detail = `seed ${options.seed}: ${viewsAfterHealing} views after healing`;
  invariant(viewsAfterHealing <= VIEWS_AFTER_HEALING, 'sim/L4', detail);
  return {
    height: Math.max(...world.honest.map((node) => node.height)),
    view: highestView(world),
    simulatedMs: world.scheduler.nowMs,
    events,
    recoveryMs,
    viewsAfterHealing,
    fingerprint: world.checker.fingerprint,
    marks: world.checker.marks,
  };
}

function highestView(world: World): number {
  return Math.max(...world.honest.map((node) => node.engine?.status().view ?? 0));
}

/**
 * Three view timeouts at the value to which repeated failure makes them grow: one that had just begun, and two for leaders
 * that had better not lead. Replicas that go on being hostile may each waste one more.
 */
function progressBoundMs({ options }: Pick<World, 'options'>): number {
  const timeoutMs = Math.max(MAXIMUM_TIMEOUT_MS, options.consensusTimeoutMs);
  return timeoutMs * (3 + (options.isHostileForEver ? options.hostile.length : 0));
}

function submitForEver(world: World): void {
  const { transactionsPerSecond, burst, idleEveryMs } = world.options.load;
  let idleUntilMs = 0;
  plan(world, idleEveryMs, () => (idleUntilMs = world.scheduler.nowMs + 1000 + world.random.below(4000)));
  const next = (): void => {
    if (world.isChaos && world.scheduler.nowMs >= idleUntilMs) for (let i = 0; i < burst; i++) world.submit();
    world.scheduler.after(1 + world.random.below((2000 * burst) / transactionsPerSecond), next);
  };
  // Progress can be demanded only of those who have something to do.
  const onceHealed = (): void => {
    if (!world.isChaos) world.submit();
    world.scheduler.after(SUBMIT_WHEN_HEALED_EVERY_MS, onceHealed);
  };
  const again = (): void => {
    world.resubmit();
    world.scheduler.after(RESUBMIT_EVERY_MS, again);
  };
  next();
  onceHealed();
  world.scheduler.after(RESUBMIT_EVERY_MS, again);
}

function plan(world: World, everyMs: number, act: () => void): void {
  if (everyMs === 0) return;
  const next = (): void => {
    if (!world.isChaos) return;
    act();
    world.scheduler.after(1 + world.random.below(2 * everyMs), next);
  };
  world.scheduler.after(1 + world.random.below(2 * everyMs), next);
}

function heal(world: World): void {
  world.isChaos = false;
  world.network.heal();
  if (!world.options.isHostileForEver) for (const node of world.nodes) node.hostile?.reform(node);
  healProcesses(world);
  world.tellSessions();
  world.resubmit();
}
