/** Draws the options of a run from its seed: each seed is another kind of bad day. */
import { SeededRandom } from '@menglian/base/seededRandom';
import { maxFaulty } from '@menglian/consensus-core/quorum';
import { type ChaosOptions, type EngineKind, HOSTILE_BEHAVIOURS, type SimulationOptions } from './options.js';

export function optionsOf(engine: EngineKind, seed: number, fixedReplicas?: number): SimulationOptions {
  const random = new SeededRandom(seed ^ 0x5eed);
  const isQuiet = random.chance(12);
  const members = drawMembers(engine, random, fixedReplicas);
  return {
    seed,
    engine,
    ...members,
    isHostileForEver: random.chance(50),
    network: {
      lossPercent: isQuiet ? 0 : random.pick([0, 0, 1, 5, 15, 30]),
      duplicatePercent: isQuiet ? 0 : random.pick([0, 0, 5, 30]),
      replayPercent: isQuiet ? 0 : random.pick([0, 0, 5, 20]),
      damagePercent: isQuiet ? 0 : random.pick([0, 0, 0, 5]),
      minimumDelayMs: random.pick([0, 1, 10]),
      meanDelayMs: random.pick([1, 5, 5, 20, 80, 200]),
      heavyTailPercent: isQuiet ? 0 : random.pick([0, 0, 0, 1]),
    },
    chaos: isQuiet ? NO_CHAOS : drawChaos(random),
    load: {
      transactionsPerSecond: random.pick([1, 3, 3, 10]),
      burst: random.pick([1, 1, 1, 1, 12]),
      idleEveryMs: random.pick([0, 0, 5000]),
      membershipEveryMs: members.replicas > 1 ? random.pick([0, 0, 300, 2000]) : 0,
    },
    persistMs: random.pick([0, 2, 2, 30]),
    executeMs: random.pick([0, 20, 20, 300, 1500]),
    storeMs: random.pick([0, 10, 10, 200]),
    maxTransactions: random.pick([1, 5, 5, 100]),
    consensusTimeoutMs: random.pick([300, 1000, 1000, 1000, 3000]),
    ...(random.chance(30) ? { windowHeights: random.pick([1, 2, 8]) } : {}),
    chaosMs: random.pick([2000, 3000, 4000, 8000]),
  };
}

type Members = Pick<
  SimulationOptions,
  'replicas' | 'genesisMembers' | 'workingSealers' | 'rotateEveryHeights' | 'hostile'
>;

function drawMembers(engine: EngineKind, random: SeededRandom, fixedReplicas: number | undefined): Members {
  if (engine === 'raft') {
    const replicas = fixedReplicas ?? random.pick([1, 3, 3, 3, 4, 5, 5, 7]);
    const isGrowing = replicas > 3 && random.chance(30);
    return { replicas, hostile: [], ...(isGrowing ? { genesisMembers: replicas - 1 } : {}) };
  }
  const replicas =
    fixedReplicas ?? random.pick(engine === 'pbft' ? [1, 4, 4, 4, 4, 4, 4, 5, 6, 7, 10] : [5, 6, 7, 7, 10]);
  const isGrowing = replicas > 4 && random.chance(30);
  const workingSealers = engine === 'rpbft' ? random.pick([4, 4, Math.min(7, replicas - 1)]) : undefined;
  const genesisMembers = isGrowing ? replicas - 1 : replicas;
  const limit = maxFaulty(Math.min(genesisMembers, workingSealers ?? replicas));
  const count = random.chance(60) ? random.below(limit + 1) : limit;
  return {
    replicas,
    hostile: Array.from({ length: count }, () => random.pick(HOSTILE_BEHAVIOURS)),
    ...(isGrowing ? { genesisMembers } : {}),
    ...(workingSealers === undefined ? {} : { workingSealers, rotateEveryHeights: random.pick([1, 2, 5, 10]) }),
  };
}

const NO_CHAOS: ChaosOptions = {
  partitionEveryMs: 0,
  jamEveryMs: 0,
  crashEveryMs: 0,
  extraCrashes: 0,
  crashesInTenThousandEffects: 0,
  stallEveryMs: 0,
  clockJumpEveryMs: 0,
  slowEveryMs: 0,
  strandPercent: 0,
  areVotesMute: false,
};

function drawChaos(random: SeededRandom): ChaosOptions {
  return {
    partitionEveryMs: random.pick([0, 1500, 6000]),
    jamEveryMs: random.pick([0, 0, 500, 1500]),
    crashEveryMs: random.pick([0, 1000, 5000]),
    extraCrashes: random.pick([0, 0, 1, 7]),
    crashesInTenThousandEffects: random.pick([0, 0, 0, 10, 50]),
    stallEveryMs: random.pick([0, 0, 3000]),
    clockJumpEveryMs: random.pick([0, 0, 2000]),
    slowEveryMs: random.pick([0, 0, 2000]),
    strandPercent: random.pick([0, 0, 5, 25]),
    areVotesMute: random.chance(4),
  };
}

/** Four replicas, quick links and the worst moments for view changes: where a weakened rule shows soonest. */
export function hardViewChanges(seed: number): SimulationOptions {
  const options = calm(seed);
  return { ...options, chaos: { ...NO_CHAOS, jamEveryMs: 500, strandPercent: 40 }, chaosMs: 10_000 };
}

/** Short waits, one transaction a block, links cut all the time: several views claim different things at one height. */
export function wildViews(seed: number): SimulationOptions {
  const options = hardViewChanges(seed);
  return {
    ...options,
    chaos: { ...options.chaos, strandPercent: 60, jamEveryMs: 250, partitionEveryMs: 700 },
    maxTransactions: 1,
    consensusTimeoutMs: 300,
    chaosMs: 12_000,
  };
}

/** The same, and power fails all the time, at any effect. */
export function restarts(seed: number): SimulationOptions {
  const options = hardViewChanges(seed);
  return {
    ...options,
    chaos: { ...options.chaos, crashEveryMs: 700, crashesInTenThousandEffects: 100, extraCrashes: 2 },
  };
}

/** Six replicas whose members and settings change all the time. */
export function membersChange(seed: number): SimulationOptions {
  const options = hardViewChanges(seed);
  return {
    ...options,
    replicas: 6,
    genesisMembers: 5,
    chaos: { ...options.chaos, strandPercent: 15, crashEveryMs: 2000 },
    load: { ...options.load, membershipEveryMs: 300 },
  };
}

/** Raft with three or five replicas, elections all the time, and members that change. */
export function hardElections(seed: number): SimulationOptions {
  const options = hardViewChanges(seed);
  return {
    ...options,
    engine: 'raft',
    replicas: seed % 2 === 0 ? 3 : 5,
    chaos: { ...options.chaos, partitionEveryMs: 700, crashEveryMs: 1200, crashesInTenThousandEffects: 30 },
    load: { ...options.load, membershipEveryMs: seed % 3 === 0 ? 500 : 0 },
    consensusTimeoutMs: 300,
  };
}

/** Raft of seven, three of them at first, whose members change several at a time. */
export function manyMembersChange(seed: number): SimulationOptions {
  const options = hardElections(seed);
  return {
    ...options,
    replicas: 7,
    genesisMembers: 3,
    maxTransactions: 50,
    load: { ...options.load, membershipEveryMs: 40 },
  };
}

/** Four replicas on a good network, nothing wrong but what a test adds. */
export function calm(seed: number): SimulationOptions {
  return {
    seed,
    engine: 'pbft',
    replicas: 4,
    hostile: [],
    isHostileForEver: true,
    network: {
      lossPercent: 0,
      duplicatePercent: 0,
      replayPercent: 0,
      damagePercent: 0,
      minimumDelayMs: 1,
      meanDelayMs: 20,
      heavyTailPercent: 0,
    },
    chaos: NO_CHAOS,
    load: { transactionsPerSecond: 20, burst: 1, idleEveryMs: 0, membershipEveryMs: 0 },
    persistMs: 2,
    executeMs: 20,
    storeMs: 10,
    maxTransactions: 5,
    consensusTimeoutMs: 1000,
    chaosMs: 5000,
  };
}
