/** Draws the options of a run from its seed: each seed is another kind of bad day. */
import { SeededRandom } from '@menglian/base/seededRandom';
import { maxFaulty } from '@menglian/consensus-core/quorum';
import { HOSTILE_BEHAVIOURS, type SimulationOptions } from './options.js';

export function optionsOf(seed: number): SimulationOptions {
  const random = new SeededRandom(seed ^ 0x5eed);
  const replicas = random.pick([1, 4, 4, 4, 4, 5, 6, 7, 7]);
  const hostileCount = random.chance(60) ? random.below(maxFaulty(replicas) + 1) : maxFaulty(replicas);
  const isQuiet = random.chance(15);
  const membership = random.chance(20) && replicas > 4 ? membershipOf(random, replicas) : undefined;
  return {
    seed,
    replicas,
    hostile:
      membership === undefined ? Array.from({ length: hostileCount }, () => random.pick(HOSTILE_BEHAVIOURS)) : [],
    network: {
      lossPercent: isQuiet ? 0 : random.pick([0, 1, 5, 15, 30]),
      duplicatePercent: isQuiet ? 0 : random.pick([0, 5, 30]),
      minimumDelayMs: random.pick([0, 1, 10]),
      meanDelayMs: random.pick([1, 5, 20, 80, 200]),
    },
    partitionEveryMs: isQuiet ? 0 : random.pick([0, 2000, 8000]),
    jamEveryMs: isQuiet ? 0 : random.pick([0, 0, 500, 1500]),
    strandPercent: isQuiet ? 0 : random.pick([0, 0, 5, 25]),
    crashEveryMs: isQuiet ? 0 : random.pick([0, 1000, 5000]),
    extraCrashes: random.pick([0, 0, 1, 7]),
    persistMs: random.pick([0, 2, 30]),
    executeMs: random.pick([0, 20, 300, 1500]),
    storeMs: random.pick([0, 10, 200]),
    transactionsPerSecond: random.pick([1, 5, 20]),
    maxTransactions: random.pick([1, 5, 100]),
    chaosMs: random.pick([4000, 8000, 16_000]),
    ...(membership === undefined ? {} : { membership }),
  };
}

/** The first n − 1 replicas, then all, then the last n − 1: one joins, one leaves. */
function membershipOf(random: SeededRandom, replicas: number): NonNullable<SimulationOptions['membership']> {
  const all = Array.from({ length: replicas }, (_, index) => index);
  const joinHeight = 2 + random.below(5);
  return [
    { fromHeight: 1, members: all.slice(0, -1) },
    { fromHeight: joinHeight, members: all },
    { fromHeight: joinHeight + 1 + random.below(5), members: all.slice(1) },
  ];
}

/** Four replicas, quick links and the worst moments for view changes: where a weakened rule shows soonest. */
export function hardViewChanges(seed: number): SimulationOptions {
  return {
    seed,
    replicas: 4,
    hostile: [],
    network: { lossPercent: 0, duplicatePercent: 0, minimumDelayMs: 1, meanDelayMs: 20 },
    partitionEveryMs: 0,
    jamEveryMs: 500,
    strandPercent: 40,
    crashEveryMs: 0,
    extraCrashes: 0,
    persistMs: 2,
    executeMs: 20,
    storeMs: 10,
    transactionsPerSecond: 20,
    maxTransactions: 5,
    chaosMs: 10_000,
  };
}

/** Four replicas on a good network, nothing wrong but what a test adds. */
export function calm(seed: number): SimulationOptions {
  return { ...hardViewChanges(seed), jamEveryMs: 0, strandPercent: 0, chaosMs: 5000 };
}
