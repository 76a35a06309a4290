import { GOOD_LINKS } from './links.js';
import type { WholeNode } from './wholeNode.js';
import type { WholeWorld } from './wholeWorld.js';

/** What was broken before everything healed has shown by then. */
const LAST_FAILURE_MS = 5000;

/** Entries of a disk that go bad at once. */
const ROTTEN_KEYS = 20;

/** A wall clock is wrong by at most this much. */
const CLOCK_JUMP_MAX_MS = 2 * 3600 * 1000;

/** Begins all faults of a world's options; they end with `heal`. */
export function beginFaults(world: WholeWorld): void {
  const { options } = world;
  repeat(world, options.partitionEveryMs, () => partition(world));
  repeat(world, options.crashEveryMs, () => crash(world));
  repeat(world, options.pauseEveryMs, () => pause(world));
  repeat(world, options.clockJumpEveryMs, () => jumpClock(world));
  repeat(world, options.diskFaultEveryMs, () => breakDisk(world));
}

/** Everything works again from now on; hostile nodes stay as they are. */
export function heal(world: WholeWorld): void {
  world.tell('', 'everything heals');
  world.isChaos = false;
  world.links.mend();
  world.links.quality = GOOD_LINKS;
  for (const node of world.nodes) {
    node.resume();
    node.wallOffsetMs = 0;
    node.disk.plan = undefined;
    node.disk.speed = { writeMs: 4, stallPercent: 0, stallMs: 0 };
    restart(world, node);
    // A write that fails is on its way: the operator sees the node stop and starts it again.
    if (node.mayFail) world.time.after(LAST_FAILURE_MS, () => restart(world, node));
  }
  world.reviewSessions();
}

/** Power goes for all nodes at the same moment, and comes back. */
export function restartAll(world: WholeWorld): void {
  world.tell('', 'power is lost everywhere');
  for (const node of world.nodes) node.crash('power');
  for (const node of world.nodes) restart(world, node);
}

function restart(world: WholeWorld, node: WholeNode): void {
  if (node.isRunning) return;
  if (node.isSpoilt) {
    node.disk.replace();
    world.audit.forget(node);
  }
  node.mayFail = false;
  node.disk.plan = undefined;
  node.start();
}

function repeat(world: WholeWorld, everyMs: number, act: () => void): void {
  if (everyMs === 0) return;
  const again = (): void => {
    world.time.after(1 + world.random.below(2 * everyMs), () => {
      if (!world.isChaos) return;
      act();
      again();
    });
  };
  again();
}

/** Cuts links, for a while: halves, one alone, one direction only, a bridge, or random links. */
function partition(world: WholeWorld): void {
  const { random, links, nodes } = world;
  const shape = random.pick(['halves', 'alone', 'oneWay', 'bridge', 'random'] as const);
  const sides = nodes.map(() => random.below(2));
  const chosen = random.below(nodes.length);
  for (let from = 0; from < nodes.length; from++) {
    for (let to = 0; to < nodes.length; to++) {
      const isApart = sides[from] !== sides[to];
      const isCut =
        (shape === 'halves' && isApart) ||
        (shape === 'alone' && (from === chosen) !== (to === chosen)) ||
        (shape === 'oneWay' && sides[from] === 0 && sides[to] === 1) ||
        (shape === 'bridge' && isApart && from !== chosen && to !== chosen) ||
        (shape === 'random' && random.chance(25));
      if (isCut && from !== to) links.cut(from, to);
    }
  }
  world.mark(`partition:${shape}`);
  world.tell('', `links are cut: ${shape}`);
  world.reviewSessions();
  world.time.after(200 + random.below(5000), () => {
    if (!world.isChaos) return;
    world.tell('', 'links are mended');
    links.mend();
    world.reviewSessions();
  });
}

function crash(world: WholeWorld): void {
  const victim = victimOf(world);
  if (victim === undefined) return;
  const { random } = world;
  const kind = random.pick(['process', 'power', 'crashBefore', 'crashAfter'] as const);
  world.mark(`crash:${kind}`);
  if (kind === 'process' || kind === 'power') victim.crash(kind);
  else victim.disk.plan = { atWrite: victim.disk.writeCount + random.below(8), kind };
  restartLater(world, victim);
}

function pause(world: WholeWorld): void {
  const node = world.random.pick(world.nodes);
  const durationMs = world.random.below(6000);
  world.mark('pause');
  world.tell(`n${node.index}`, `stands still for ${durationMs} ms`);
  node.pause(durationMs);
}

/** The wall clock only: the other one belongs to the processor and does not jump. */
function jumpClock(world: WholeWorld): void {
  const node = world.random.pick(world.nodes);
  node.wallOffsetMs = world.random.below(2 * CLOCK_JUMP_MAX_MS) - CLOCK_JUMP_MAX_MS;
  world.mark('clockJump');
  world.tell(`n${node.index}`, `has a wall clock that is ${node.wallOffsetMs} ms off`);
}

function breakDisk(world: WholeWorld): void {
  const { random } = world;
  const victim = victimOf(world);
  if (victim === undefined) return;
  const kind = random.pick(
    mayRot(world, victim) ? (['fail', 'full', 'silent', 'detected'] as const) : (['fail', 'full'] as const),
  );
  world.mark(`disk:${kind}`);
  if (kind === 'silent' || kind === 'detected') {
    victim.isSpoilt = true;
    world.tell(`n${victim.index}`, `has a disk with a ${kind} error`);
    for (let count = 0; count < ROTTEN_KEYS; count++) victim.disk.rot(kind);
    return;
  }
  victim.mayFail = true;
  victim.disk.plan = { atWrite: victim.disk.writeCount + random.below(4), kind };
  restartLater(world, victim);
}

/** A node with a spoilt disk is a faulty one: of those there may be few, and none where everybody is trusted. */
function mayRot({ nodes, options }: WholeWorld, victim: WholeNode): boolean {
  const faulty = options.hostile + nodes.filter(({ isSpoilt }) => isSpoilt).length;
  return options.engine !== 'raft' && victim.index < options.sealers && faulty < options.faultyMax;
}

/** One that runs, if not too many are down or about to be. */
function victimOf(world: WholeWorld): WholeNode | undefined {
  const { nodes, options, random } = world;
  const down = nodes.filter((node) => !node.isRunning || node.disk.plan !== undefined || world.isHostile(node)).length;
  const up = nodes.filter((node) => node.isRunning && node.disk.plan === undefined);
  return down >= options.maxDown || up.length === 0 ? undefined : random.pick(up);
}

function restartLater(world: WholeWorld, node: WholeNode): void {
  world.time.after(50 + world.random.below(5000), () => {
    if (!world.isChaos) return;
    if (node.isRunning) restartLater(world, node);
    else restart(world, node);
  });
}
