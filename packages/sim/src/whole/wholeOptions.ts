/** Draws the options of a whole-cluster run from its seed: each seed is another kind of bad day. */
import { SeededRandom } from '@menglian/base/seededRandom';
import type { GenesisConfig } from '@menglian/types/genesis';
import { GOOD_LINKS, type LinkQuality } from './links.js';
import type { DiskSpeed } from './simulatedDisk.js';

export type Engine = GenesisConfig['consensusType'];

export interface WholeOptions {
  readonly seed: number;
  readonly engine: Engine;
  /** Sealers of block 0. */
  readonly sealers: number;
  /** Nodes that run beside them and belong to the group only if a transaction makes them. */
  readonly outsiders: number;
  /** How many of the sealers send bent messages, by index from the first. */
  readonly hostile: number;
  /** How many sealers may be faulty in any way at once: the hostile ones, and those whose disks go bad. */
  readonly faultyMax: number;
  /** How many of the hostile ones run twice, on two disks with one key. */
  readonly twins: number;
  readonly links: LinkQuality;
  readonly disk: DiskSpeed;
  /** Mean times between faults while chaos lasts; 0 for none. */
  readonly partitionEveryMs: number;
  readonly crashEveryMs: number;
  readonly pauseEveryMs: number;
  readonly clockJumpEveryMs: number;
  readonly diskFaultEveryMs: number;
  /** Mean time between changes of members or settings; 0 for none. */
  readonly changeEveryMs: number;
  /** More than a minority may be down at once: safety must hold, progress need not. */
  readonly maxDown: number;
  /** Mean pause of the clients between two transfers. */
  readonly clientPauseMs: number;
  readonly minBlockTimeMs: number;
  readonly maxTransactions: number;
  /** Transactions that a pool holds at most. */
  readonly poolMax: number;
  /** A snapshot of the state every so many blocks, which new nodes begin with; 0 for none. */
  readonly snapshotInterval: number;
  readonly epochBlocks: number;
  readonly epochSealers: number;
  /** Faults last this long; then everything heals and progress is demanded. */
  readonly chaosMs: number;
}

const GOOD_DISK: DiskSpeed = { writeMs: 4, stallPercent: 0, stallMs: 0 };

/** The engines that a group can be made with. */
export const ENGINES: readonly Engine[] = ['pbft', 'rpbft', 'raft'];

export function wholeOptionsOf(seed: number, engine?: Engine): WholeOptions {
  const random = new SeededRandom(seed ^ 0x3a11e);
  const chosen = engine ?? random.pick(ENGINES);
  const sealers = chosen === 'raft' ? random.pick([1, 3, 3, 3, 4, 5]) : random.pick([1, 4, 4, 4, 4, 5, 7]);
  const isQuiet = random.chance(15);
  // In rPBFT all the faulty ones may be working sealers at once, of which there may be one less than sealers.
  const voters = chosen === 'rpbft' ? sealers - 1 : sealers;
  const mostHostile = chosen === 'raft' ? 0 : Math.max(0, Math.floor((voters - 1) / 3));
  const hostile = random.chance(50) ? mostHostile : 0;
  const faulty = (values: readonly number[]): number => (isQuiet ? 0 : random.pick(values));
  return {
    seed,
    engine: chosen,
    sealers,
    outsiders: random.pick([0, 0, 1, 2]),
    hostile,
    faultyMax: mostHostile,
    twins: random.chance(40) ? hostile : 0,
    links: isQuiet
      ? GOOD_LINKS
      : {
          lossPercent: random.pick([0, 0, 1, 5, 15]),
          duplicatePercent: random.pick([0, 5, 20]),
          minimumDelayMs: random.pick([0, 1, 10]),
          meanDelayMs: random.pick([1, 5, 20, 80]),
          isOrdered: random.chance(40),
          bytesPerMs: random.pick([0, 0, 0, 200, 1000]),
          replayPercent: random.pick([0, 0, 5]),
        },
    disk: {
      writeMs: random.pick([0, 4, 20, 100]),
      stallPercent: faulty([0, 1, 5]),
      stallMs: random.pick([300, 2000]),
    },
    partitionEveryMs: faulty([0, 3000, 10_000]),
    crashEveryMs: faulty([0, 2000, 6000]),
    pauseEveryMs: faulty([0, 0, 5000]),
    clockJumpEveryMs: faulty([0, 0, 4000]),
    diskFaultEveryMs: faulty([0, 0, 5000]),
    changeEveryMs: random.pick([0, 2000, 6000]),
    maxDown: random.chance(30) ? sealers : Math.floor((sealers - 1) / (chosen === 'raft' ? 2 : 3)),
    clientPauseMs: random.pick([20, 100, 400]),
    minBlockTimeMs: random.pick([0, 100, 500]),
    maxTransactions: random.pick([1, 7, 1000]),
    poolMax: random.pick([20, 1000, 100_000]),
    snapshotInterval: random.pick([0, 4, 15]),
    epochBlocks: random.pick([2, 3, 10]),
    epochSealers: Math.max(1, sealers - random.below(2)),
    chaosMs: random.pick([8000, 15_000, 30_000]),
  };
}

/** Nothing goes wrong. */
export function calmWhole(seed: number, engine: Engine): WholeOptions {
  return {
    seed,
    engine,
    sealers: 4,
    outsiders: 0,
    hostile: 0,
    faultyMax: 0,
    twins: 0,
    links: GOOD_LINKS,
    disk: GOOD_DISK,
    partitionEveryMs: 0,
    crashEveryMs: 0,
    pauseEveryMs: 0,
    clockJumpEveryMs: 0,
    diskFaultEveryMs: 0,
    changeEveryMs: 0,
    maxDown: 0,
    clientPauseMs: 50,
    minBlockTimeMs: 0,
    maxTransactions: 1000,
    poolMax: 100_000,
    snapshotInterval: 0,
    epochBlocks: 10,
    epochSealers: 4,
    chaosMs: 5000,
  };
}
