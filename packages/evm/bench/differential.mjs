/**
 * Translated code against the interpreter on millions of random programs; stops at the first difference.
 * `npx tsc -b packages/evm && node packages/evm/bench/differential.mjs [programs] [first seed]`
 *
 * What is compared: `testing/compareCores.ts`.
 */
import { loadSuite } from '@menglian/crypto/loadSuite';
import { PROGRAMS_PER_SEED, compareCores } from '@menglian/evm/testing/compareCores';

const programs = Number(process.argv[2] ?? 5_000_000);
const first = Number(process.argv[3] ?? 1);
const PROGRESS_MS = 10_000;
const suite = await loadSuite('ecdsa');
const ends = {};
let frames = 0;
let shownMs = Date.now();
const show = (done) =>
  process.stdout.write(`${done} of ${programs} programs equal, ${frames} frames, ${JSON.stringify(ends)}\n`);

for (let done = 0, seed = first; done < programs; done += PROGRAMS_PER_SEED, seed++) {
  const { runs, difference } = compareCores(seed, suite);
  if (difference !== undefined) {
    process.stdout.write(`DIFFERENT after ${done} programs\n${difference}\n`);
    process.exit(1);
  }
  for (const { report, exact } of runs) {
    ends[report.end] = (ends[report.end] ?? 0) + 1;
    frames += exact.length >> 1;
  }
  if (Date.now() - shownMs > PROGRESS_MS) {
    shownMs = Date.now();
    show(done + PROGRAMS_PER_SEED);
  }
}
show(programs);
