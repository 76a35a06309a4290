/** Translated code against the interpreter, on random programs. `bench/differential.mjs` runs millions. */
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { PROGRAMS_PER_SEED, compareCores } from '../testing/compareCores.js';

const PROGRAMS = Number(process.env['MENGLIAN_PROGRAMS'] ?? 100_000);
const FIRST_SEED = Number(process.env['MENGLIAN_SEED'] ?? 1);

const suite = await loadSuite('ecdsa');

describe('translated code and the interpreter', () => {
  it(`agree on ${PROGRAMS} programs`, { timeout: 1_800_000 }, () => {
    const counts: Record<string, number> = {};
    for (let i = 0; i < PROGRAMS / PROGRAMS_PER_SEED; i++) {
      const { runs, difference } = compareCores(FIRST_SEED + i, suite);
      if (difference !== undefined) expect.fail(difference);
      for (const { report } of runs) counts[report.end] = (counts[report.end] ?? 0) + 1;
    }
    // Programs that only fail would prove little.
    expect(counts['success'] ?? 0).toBeGreaterThan(PROGRAMS / 3);
  });
});
