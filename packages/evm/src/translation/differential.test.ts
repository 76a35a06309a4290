/**
 * Translated code against the interpreter, on random programs: status and gas of every frame, budget, output, logs, state.
 * `bench/differential.mjs` runs millions.
 */
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { eagerCore, patchyCore } from '../testing/eagerCore.js';
import { describeScenario, runScenario, scenario } from '../testing/scenario.js';

const PROGRAMS = Number(process.env['MENGLIAN_PROGRAMS'] ?? 2_000);
const FIRST_SEED = Number(process.env['MENGLIAN_SEED'] ?? 1);

const suite = await loadSuite('ecdsa');

describe('translated code and the interpreter', () => {
  it(`agree on ${PROGRAMS} programs`, { timeout: 1_800_000 }, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PROGRAMS; seed++) {
      const given = scenario(seed);
      const { report, exact } = runScenario(given, suite);
      for (const core of [eagerCore(), patchyCore(seed)]) {
        const translated = runScenario(given, suite, core);
        expect({ ...translated.report, exact: translated.exact }, describeScenario(seed, given)).toEqual({
          ...report,
          exact,
        });
      }
    }
  });
});
