/**
 * Translated code against the interpreter, on random programs. A few run here, against the sources; CI's share runs in a process
 * of its own on what `npm run build` made, several times as fast: `bench/differential.mjs`, which also runs millions.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { PROGRAMS_PER_SEED, compareCores } from '../testing/compareCores.js';

const PROGRAMS_HERE = 1_000;
const PROGRAMS = Number(process.env['MENGLIAN_PROGRAMS'] ?? 100_000);
const FIRST_SEED = Number(process.env['MENGLIAN_SEED'] ?? 1);
const COMMAND = fileURLToPath(new URL('../../bench/differential.mjs', import.meta.url));

const suite = await loadSuite('ecdsa');

describe('translated code and the interpreter', () => {
  it(`agree on ${PROGRAMS_HERE} programs`, { timeout: 600_000 }, () => {
    let successes = 0;
    for (let i = 0; i < PROGRAMS_HERE / PROGRAMS_PER_SEED; i++) {
      const { runs, difference } = compareCores(FIRST_SEED + i, suite);
      if (difference !== undefined) expect.fail(difference);
      successes += runs.filter(({ report }) => report.end === 'success').length;
    }
    // Programs that only fail would prove little.
    expect(successes).toBeGreaterThan(PROGRAMS_HERE / 3);
  });

  it(`agree on ${PROGRAMS} programs, as built`, { timeout: 1_800_000 }, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, String(PROGRAMS), String(FIRST_SEED)]);
    expect(stdout).toContain(`${PROGRAMS} of ${PROGRAMS} programs equal`);
  });
});
