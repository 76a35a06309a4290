import { describe, expect, it, vi } from 'vitest';
import type { Exports, Mutant } from './mutants/mutant.js';
import { MUTANTS } from './mutants/mutants.js';
import { calm } from './swarm.js';

/**
 * The test of the tests: an engine with one rule broken must be caught, by a broken invariant of the checker or of the
 * engine, or by a cluster that never moves again. MENGLIAN_MUTANT=<name> runs one alone.
 */
const chosen = process.env['MENGLIAN_MUTANT'];

/** @returns the seed that finds the mutant and what it says; nothing when none does */
async function firstComplaint({ module, change, options, seeds, firstSeed = 1 }: Mutant): Promise<string> {
  vi.resetModules();
  vi.doMock(module, async (importActual) => {
    const actual = await importActual<Exports>();
    return { ...actual, ...change(actual) };
  });
  try {
    const { runSimulation } = await import('./simulation.js');
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      try {
        runSimulation(options(seed));
      } catch (error) {
        return `${seed}: ${(error as Error).message}`;
      }
    }
    return '';
  } finally {
    vi.doUnmock(module);
  }
}

describe('the simulator catches', () => {
  for (const mutant of MUTANTS.filter(({ name }) => chosen === undefined || name === chosen)) {
    it(`${mutant.name}: ${mutant.what}`, { timeout: 600_000 }, async () => {
      const complaint = await firstComplaint(mutant);
      if (chosen !== undefined) process.stdout.write(`${complaint}\n`);
      expect(complaint).toMatch(/^\d+: broken invariant (sim|pbft|consensus|raft|base)\//);
    });
  }

  it('votes that leave before they are durable', async () => {
    const { runSimulation } = await import('./simulation.js');
    expect(() => runSimulation({ ...calm(1), forgetful: true })).toThrow('sim/S9');
  });
});
