/** Which links fail together. */
import { MESSAGE_CODES as PBFT_CODES } from '@menglian/pbft/messages';
import { MESSAGE_CODES as RAFT_CODES } from '@menglian/raft/messageCodec';
import { BLOCK_SYNC_CODE } from '../network.js';
import type { EngineKind } from '../options.js';
import type { World } from '../world.js';

type IsCut = (from: number, to: number) => boolean;

const SHAPES = ['halves', 'alone', 'oneWay', 'random', 'bridge', 'ring', 'nested'] as const;

/** Cuts links for a while; some come and go meanwhile. */
export function partition(world: World): void {
  const { random, network, checker } = world;
  const shape = random.pick(SHAPES);
  const isFlapping = random.chance(20);
  const isCut = cutsOf(world, shape);
  checker.mark(`partition:${shape}${isFlapping ? ':flapping' : ''}`);
  const endMs = world.scheduler.nowMs + 200 + random.below(4000);
  const apply = (isOn: boolean): void => {
    forEachLink(world, (from, to) => {
      if (!isCut(from, to)) return;
      if (isOn) network.cut(from, to);
      else network.mendLink(from, to);
    });
    world.tellSessions();
  };
  apply(true);
  if (isFlapping) {
    let isOn = true;
    const flap = (): void => {
      if (!world.isChaos || world.scheduler.nowMs >= endMs) return;
      isOn = !isOn;
      apply(isOn);
      world.scheduler.after(50 + random.below(400), flap);
    };
    world.scheduler.after(50 + random.below(400), flap);
  }
  world.scheduler.after(endMs - world.scheduler.nowMs, () => apply(false));
}

function forEachLink(world: World, visit: (from: number, to: number) => void): void {
  for (const { index: from } of world.nodes) {
    for (const { index: to } of world.nodes) if (from !== to) visit(from, to);
  }
}

function cutsOf(world: World, shape: (typeof SHAPES)[number]): IsCut {
  const { random, nodes } = world;
  const count = nodes.length;
  const sides = nodes.map(() => random.below(2));
  const chosen = random.below(count);
  switch (shape) {
    case 'halves':
      return (from, to) => sides[from] !== sides[to];
    case 'alone':
      return (from, to) => (from === chosen) !== (to === chosen);
    case 'oneWay':
      return (from, to) => sides[from] === 0 && sides[to] === 1;
    case 'random': {
      const links = nodes.map(() => nodes.map(() => random.chance(25)));
      return (from, to) => links[from]![to]!;
    }
    case 'bridge':
      return (from, to) => from !== chosen && to !== chosen && sides[from] !== sides[to];
    case 'ring': {
      // Each sees its neighbours; with reach 2, each sees another majority.
      const reach = 1 + random.below(2);
      return (from, to) => Math.min((from - to + count) % count, (to - from + count) % count) > reach;
    }
    case 'nested': {
      const inner = nodes.map(() => random.below(2));
      return (from, to) => sides[from] !== sides[to] || (sides[from] === 0 && inner[from] !== inner[to]);
    }
  }
}

/** Keeps one or two phases from most of the replicas. */
export function jam(world: World): void {
  const { random } = world;
  const codes = phasesOf(world.options.engine).filter(() => random.chance(40));
  const receivers = world.nodes.map(({ index }) => index).filter(() => random.chance(60));
  world.network.jam(codes, receivers);
}

/** Nobody hears the votes that come first. */
export function muteVotes(world: World): void {
  const code = world.options.engine === 'raft' ? RAFT_CODES.appendResponse : PBFT_CODES.prepare;
  world.network.jam([code], [...world.nodes.keys()]);
}

function phasesOf(engine: EngineKind): readonly number[] {
  if (engine === 'raft') {
    const { append, appendResponse, voteResponse, heartbeat, result } = RAFT_CODES;
    return [append, appendResponse, voteResponse, heartbeat, result, BLOCK_SYNC_CODE];
  }
  const { prepare, commit, checkpoint, newView } = PBFT_CODES;
  return [prepare, commit, checkpoint, newView, BLOCK_SYNC_CODE];
}

/** Lets each neighbour of a twin see one of the copies, or both. */
export function separateTwins(world: World): void {
  const { random, network } = world;
  for (const node of world.nodes) {
    const copies = world.nodesOf(node.nodeId);
    if (copies[0] !== node || copies.length < 2) continue;
    for (const { index, nodeId } of world.nodes) {
      const visible = random.below(5);
      for (const [i, copy] of copies.entries()) {
        const isCut = nodeId === node.nodeId || (visible < 4 && visible % 2 !== i);
        network.setPermanentCut(index, copy.index, isCut);
        network.setPermanentCut(copy.index, index, isCut);
      }
    }
  }
}
