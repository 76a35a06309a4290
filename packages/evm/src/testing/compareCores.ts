import type { CryptoSuite } from '@menglian/crypto/suite';
import { interpret } from '../interpreter.js';
import { eagerCore, patchyCore } from './eagerCore.js';
import { CONTRACTS, describeScenario, runScenario, scenario } from './scenario.js';
import type { Run } from './scenario.js';

/** One seed in so many also leaves some blocks to the interpreter. */
const PATCHY_EVERY = 4;

export interface Comparison {
  /** of the interpreter, by contract called first */
  readonly runs: readonly Run[];
  /** undefined when all is equal */
  readonly difference: string | undefined;
}

/** Contracts run as one seed gives them: each of them is a program, and is once the one called first. */
export const PROGRAMS_PER_SEED = CONTRACTS.length;

/**
 * Runs the programs of a seed on the interpreter and translated. Status and gas of every frame, what is left of the budget,
 * output, logs, state and accounts must be equal.
 */
export function compareCores(seed: number, suite: CryptoSuite): Comparison {
  const drawn = scenario(seed);
  const cores = seed % PATCHY_EVERY === 0 ? [eagerCore(), patchyCore(seed)] : [eagerCore()];
  const runs: Run[] = [];
  for (const entry of CONTRACTS) {
    const given = { ...drawn, entry };
    const expected = runScenario(given, suite, interpret);
    runs.push(expected);
    const expectedText = describeRun(expected);
    for (const core of cores) {
      const text = describeRun(runScenario(given, suite, core));
      if (text === expectedText) continue;
      const program = `${describeScenario(seed, given)}\ncalled first: ${entry}`;
      return { runs, difference: `${program}\ninterpreted ${expectedText}\ntranslated ${text}` };
    }
  }
  return { runs, difference: undefined };
}

function describeRun({ report, exact }: Run): string {
  return JSON.stringify({ ...report, exact });
}
