/** One seed of any of the simulators, in the words of the report. */
import type { EngineKind, SimulationOptions } from '../options.js';
import { runSimulation } from '../simulation.js';
import { optionsOf } from '../swarm.js';
import type { World } from '../world.js';
import { without } from './faultClasses.js';

export const TARGETS = ['pbft', 'rpbft', 'raft', 'sync', 'whole'] as const;

export type Target = (typeof TARGETS)[number];

export interface UnitOfWork {
  readonly target: Target;
  readonly seed: number;
  readonly replicas?: number;
  /** Fault classes to leave out. */
  readonly without?: readonly string[];
  /** How long faults last, instead of what the seed draws. */
  readonly chaosMs?: number;
}

export interface UnitReport {
  readonly seed: number;
  /** The rule that was broken, and how; undefined when none was. */
  readonly violation: string | undefined;
  readonly height: number;
  readonly simulatedMs: number;
  readonly events: number;
  readonly recoveryMs: number;
  readonly marks: readonly (readonly [string, number])[];
}

export async function runUnit(unit: UnitOfWork): Promise<UnitReport> {
  const { seed } = unit;
  const nothing = { seed, height: 0, simulatedMs: 0, events: 0, recoveryMs: 0, marks: [] };
  try {
    return { ...nothing, violation: undefined, ...(await perform(unit)) };
  } catch (error) {
    return { ...nothing, violation: error instanceof Error ? error.message : String(error) };
  }
}

async function perform(unit: UnitOfWork): Promise<Partial<UnitReport>> {
  const { target, seed } = unit;
  // The simulators of sync and of whole nodes are loaded only when asked for: they bring the whole node along.
  if (target === 'sync') {
    const { runSyncSeed } = await import('../sync/runSyncSeed.js');
    const { stored, simulatedMs, marks } = runSyncSeed(seed);
    return { height: stored, simulatedMs, marks: marks.map((mark) => [mark, 1]) };
  }
  if (target === 'whole') {
    const { runWholeSeed } = await import('../whole/runWholeSeed.js');
    const { height, simulatedMs, events, healedAfterMs, marks } = await runWholeSeed(seed);
    return { height, simulatedMs, events, recoveryMs: healedAfterMs, marks: [...marks] };
  }
  const outcome = runSimulation(optionsOfUnit(unit, target));
  return { ...outcome, marks: [...outcome.marks] };
}

export function optionsOfUnit(unit: UnitOfWork, engine: EngineKind): SimulationOptions {
  const options = without(optionsOf(engine, unit.seed, unit.replicas), unit.without ?? []);
  return unit.chaosMs === undefined ? options : { ...options, chaosMs: unit.chaosMs };
}

/** The story of a seed of an engine: one line for each event. @returns the lines and what was broken */
export function tell(unit: UnitOfWork, engine: EngineKind): { lines: string[]; violation: string | undefined } {
  const lines: string[] = [];
  try {
    runSimulation(optionsOfUnit(unit, engine), (world) => listen(world, lines));
    return { lines, violation: undefined };
  } catch (error) {
    return { lines, violation: error instanceof Error ? error.message : String(error) };
  }
}

function listen(world: World, lines: string[]): void {
  world.trace = (node, describe) => {
    const text = describe();
    if (text === undefined) return;
    const status = node.engine?.status();
    const place = status === undefined ? 'down' : `v${status.view}/${status.toView} h${status.height} ${status.phase}`;
    const phase = world.isChaos ? ' ' : '+';
    const name = `r${node.index}${node.isHonest ? ' ' : '*'}`;
    lines.push(`${String(world.scheduler.nowMs).padStart(7)}${phase} ${name} ${place.padEnd(24)} ${text}`);
  };
}
