import { invariant } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import { LIES, type Lie } from './liars.js';
import { nodeIdOf, SyncChain } from './syncChain.js';
import { SyncWorld } from './syncWorld.js';

export interface SyncRun {
  /** Rare things that happened; a simulator that never gets there proves nothing about them. */
  readonly marks: readonly string[];
  /** Equal for equal seeds. */
  readonly digest: number;
  readonly stored: number;
  readonly simulatedMs: number;
}

/** Sealers of the group that run elsewhere: they signed blocks, and serve none. */
const ABSENT = 100;

const CHAOS_MS = 40_000;

/** After healing an honest node has this long, and more for each liar, to be where the others are. */
const CATCH_UP_MS = 60_000;
const CATCH_UP_MS_PER_LIAR = 30_000;

/**
 * One history of sync that follows from its seed: nodes at different heights, liars, loss, partitions, crashes; then
 * everything heals but the liars, and every honest node must get the whole chain in bounded time.
 * @throws InvariantError when something that must hold does not
 */
export function runSyncSeed(seed: number): SyncRun {
  const random = new SeededRandom(seed);
  const honest = 2 + random.below(4);
  const lies = Array.from({ length: random.below(4) }, () => random.pick<Lie>(LIES));
  // Most chains are short: what goes wrong is found at the joints, and a hundred blocks have them all.
  const longest = random.chance(20) ? 900 : 120;
  const height = 1 + random.below(longest);
  const chain = new SyncChain({
    seed,
    sealers: [nodeIdOf(0), nodeIdOf(1), nodeIdOf(ABSENT), nodeIdOf(ABSENT + 1)],
    reserve: [nodeIdOf(ABSENT + 2), nodeIdOf(ABSENT + 3), nodeIdOf(2)],
    changeEvery: random.chance(50) ? 0 : Math.ceil(longest / 20) + random.below(Math.ceil(longest / 4)),
    blockBytes: 1 + random.below(300),
  });
  const world = new SyncWorld({
    seed,
    chain,
    links: { lossPercent: random.below(20), minimumDelayMs: 1 + random.below(20), delaySpreadMs: random.below(100) },
    snapshotEvery: random.chance(70) ? Math.ceil(longest / 18) + random.below(Math.ceil(longest / 9)) : 0,
    snapshotGap: Math.ceil(longest / 6) + random.below(Math.ceil(longest / 3)),
  });
  // One node has everything; the others have something. Blocks come while it is up, so that there are snapshots of them.
  world.add({ head: 0, isFollowing: true });
  world.add({ head: 0, isFollowing: true });
  for (let i = 2; i < honest; i++) world.add({ head: 0, isFollowing: random.chance(50) });
  for (const lie of lies) world.add({ head: 0, lie, isFollowing: true });
  for (const { index, lie } of world.members) if (index < 2 || lie !== undefined) world.start(index);
  world.grow(height);
  world.scheduler.runUntil(200);
  for (const { index, node } of world.members) if (node === undefined) world.start(index);
  chaos(world, random, honest);
  heal(world, honest);
  const allowedMs = CATCH_UP_MS + lies.length * CATCH_UP_MS_PER_LIAR;
  const until = world.scheduler.nowMs + allowedMs;
  const isDone = () => world.members.slice(0, honest).every(({ disk }) => disk.head === chain.height);
  while (world.scheduler.nowMs < until && !isDone()) world.scheduler.runUntil(world.scheduler.nowMs + 500);
  const heads = world.members.map(({ disk, lie }) => `${lie ?? 'honest'} ${disk.head}`).join(', ');
  invariant(isDone(), 'sim/sync-stalled', `tip ${chain.height} after ${allowedMs} ms: ${heads}`);
  const stored = world.members.reduce((sum, member) => sum + member.stored, 0);
  return { marks: [...world.marks, ...lies], digest: world.digest, stored, simulatedMs: world.scheduler.nowMs };
}

/** Partitions, crashes and new blocks. The first node never crashes: somebody has to have the chain. */
function chaos(world: SyncWorld, random: SeededRandom, honest: number): void {
  const heads = world.members.map(({ disk }) => disk.head);
  while (world.scheduler.nowMs < CHAOS_MS) {
    world.scheduler.runUntil(world.scheduler.nowMs + 100 + random.below(2000));
    for (const [index, { disk }] of world.members.entries()) {
      invariant(disk.head >= heads[index]!, 'sim/sync-head-fell', `${disk.head} after ${heads[index]}`);
      heads[index] = disk.head;
    }
    switch (random.below(5)) {
      case 0:
        world.cut(
          random.below(world.members.length),
          (1 + random.below(world.members.length - 1)) % world.members.length,
        );
        break;
      case 1:
        world.mend();
        break;
      case 2: {
        const victim = 1 + random.below(honest - 1);
        const { node } = world.members[victim]!;
        if (node === undefined) world.start(victim);
        else world.stop(victim);
        break;
      }
      case 3:
        world.grow(1 + random.below(10));
        break;
      default:
    }
  }
}

function heal(world: SyncWorld, honest: number): void {
  world.mend();
  Object.assign(world.links, { lossPercent: 0, minimumDelayMs: 2, delaySpreadMs: 3 });
  for (let index = 0; index < honest; index++) if (world.members[index]!.node === undefined) world.start(index);
}
