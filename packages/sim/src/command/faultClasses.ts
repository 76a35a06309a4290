/** The faults of a run by name, to leave them out one at a time. */
import type { SimulationOptions } from '../options.js';

type Leave = (options: SimulationOptions) => SimulationOptions;

const chaos =
  (change: Partial<SimulationOptions['chaos']>): Leave =>
  (options) => ({ ...options, chaos: { ...options.chaos, ...change } });

const network =
  (change: Partial<SimulationOptions['network']>): Leave =>
  (options) => ({ ...options, network: { ...options.network, ...change } });

export const FAULT_CLASSES: Readonly<Record<string, Leave>> = {
  hostile: (options) => ({ ...options, hostile: [] }),
  partitions: chaos({ partitionEveryMs: 0 }),
  jams: chaos({ jamEveryMs: 0, areVotesMute: false }),
  crashes: chaos({ crashEveryMs: 0, crashesInTenThousandEffects: 0 }),
  stalls: chaos({ stallEveryMs: 0 }),
  clocks: chaos({ clockJumpEveryMs: 0 }),
  slowness: chaos({ slowEveryMs: 0 }),
  stranding: chaos({ strandPercent: 0 }),
  loss: network({ lossPercent: 0 }),
  duplicates: network({ duplicatePercent: 0 }),
  replays: network({ replayPercent: 0 }),
  damage: network({ damagePercent: 0 }),
  delays: network({ heavyTailPercent: 0, meanDelayMs: 5 }),
  membership: (options) => ({ ...options, load: { ...options.load, membershipEveryMs: 0 } }),
  window: (options) => ({ ...options, windowHeights: 1 }),
};

export function without(options: SimulationOptions, classes: readonly string[]): SimulationOptions {
  let changed = options;
  for (const name of classes) changed = FAULT_CLASSES[name]?.(changed) ?? changed;
  return changed;
}
