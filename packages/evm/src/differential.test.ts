/**
 * The interpreter and translated code against @ethereumjs/evm, on random programs that call and create one another. What must
 * be equal, and which rules of 2.x the oracle is given: `test/oracle.ts`.
 */
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { runAlignedOracle } from '../test/oracle.js';
import { eagerCore } from './testing/eagerCore.js';
import { describeScenario, runScenario, scenario } from './testing/scenario.js';

const PROGRAMS = process.env['MENGLIAN_LONG'] === '1' ? 20_000 : 1_500;
const FIRST_SEED = Number(process.env['MENGLIAN_SEED'] ?? 1);
/** Programs that are not compared because of the budget, at most. */
const UNCOMPARED_PERCENT = 5;

const suite = await loadSuite('ecdsa');

describe('both cores and @ethereumjs/evm', () => {
  it(`agree on ${PROGRAMS} programs`, { timeout: 1_800_000 }, async () => {
    const counts: Record<string, number> = {};
    let frames = 0;
    let aligned = 0;
    let unbounded = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PROGRAMS; seed++) {
      const given = scenario(seed);
      const { report: ours, trace, exact, isBudgetSpent } = runScenario(given, suite);
      const translated = runScenario(given, suite, eagerCore());
      expect({ ...translated.report, exact: translated.exact }, describeScenario(seed, given)).toEqual({
        ...ours,
        exact,
      });
      const oracle = isBudgetSpent ? undefined : await runAlignedOracle(given, trace);
      if (oracle === undefined) {
        unbounded += 1;
        continue;
      }
      counts[ours.end] = (counts[ours.end] ?? 0) + 1;
      frames += ours.frames.length;
      aligned += oracle.aligned;
      // A halt leaves nothing but its kind; the table of what it does to the gas is tested elsewhere.
      const isComparable = ours.end === 'success' || ours.end === 'revert';
      const gasLeft = isComparable ? ours.gasLeft : oracle.report.gasLeft;
      expect({ ...ours, gasLeft }, describeScenario(seed, given)).toEqual(oracle.report);
    }
    const summary = { programs: PROGRAMS, frames, aligned, unbounded, ...counts };
    process.stdout.write(`differential: ${JSON.stringify(summary)}\n`);
    expect(unbounded).toBeLessThan((PROGRAMS * UNCOMPARED_PERCENT) / 100);
    expect(counts['success'] ?? 0).toBeGreaterThan(PROGRAMS / 4);
  });
});
