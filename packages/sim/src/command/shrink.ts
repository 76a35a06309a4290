/** Makes a failing run smaller: leaves out what it does not need, then shortens its chaos. */
import { FAULT_CLASSES } from './faultClasses.js';
import { optionsOfUnit, runUnit, type UnitOfWork } from './unitOfWork.js';

/** @param unit a run that breaks a rule @returns a smaller run that breaks the same rule, or the same run */
export async function shrink(unit: UnitOfWork, violation: string): Promise<UnitOfWork> {
  if (unit.target === 'sync' || unit.target === 'whole') return unit;
  const rule = ruleOf(violation);
  const stillFails = async (smaller: UnitOfWork): Promise<boolean> =>
    ruleOf((await runUnit(smaller)).violation ?? '') === rule;
  let smallest = unit;
  for (const name of Object.keys(FAULT_CLASSES)) {
    const smaller = { ...smallest, without: [...(smallest.without ?? []), name] };
    if (await stillFails(smaller)) smallest = smaller;
  }
  let chaosMs = smallest.chaosMs ?? optionsOfUnit(smallest, unit.target).chaosMs;
  while (chaosMs > 250 && (await stillFails({ ...smallest, chaosMs: Math.floor(chaosMs / 2) }))) {
    chaosMs = Math.floor(chaosMs / 2);
    smallest = { ...smallest, chaosMs };
  }
  return smallest;
}

/** `broken invariant sim/S1: seed …` says that rule S1 was broken. */
export function ruleOf(violation: string): string {
  return /^broken invariant ([^:]+)/.exec(violation)?.[1] ?? violation.split('\n')[0]!;
}

/** The command that runs a unit again. */
export function commandOf({ target, seed, replicas, without, chaosMs }: UnitOfWork): string {
  const words = ['npm run sim -- --engine', target, '--seed', `${seed}`];
  if (replicas !== undefined) words.push('--replicas', `${replicas}`);
  if (without !== undefined && without.length > 0) words.push('--without', without.join(','));
  if (chaosMs !== undefined) words.push('--chaos', `${chaosMs}`);
  return `${words.join(' ')} --story`;
}
