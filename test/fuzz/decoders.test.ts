import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { mutate } from './mutate.js';
import { fuzzSubjects, growingInputs } from './subjects.js';

/**
 * Goal: whatever bytes arrive, decoders answer with a value or a named reason; they do not throw, hang or grow.
 * Method: valid samples, mutated by a seeded generator. A failure prints the input. MENGLIAN_LONG=1 runs a million
 * inputs for each decoder; the default is for every day.
 */
const INPUTS = process.env['MENGLIAN_LONG'] === '1' ? 1_000_000 : 4_500;
const LONG_TIMEOUT_MS = 3_600_000;

/** An ordinary input takes microseconds. Seconds, even on a busy machine, are a hang. */
const HANG_MS = 5_000;

/** What a million decodings may leave behind: compiled code and caches, not data. */
const MAX_HEAP_GROWTH_BYTES = 32 * 1024 * 1024;

const subjects = await fuzzSubjects();
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe.each(subjects)('decoder of $name', ({ samples, run, name }) => {
  it('takes its samples', () => {
    for (const sample of samples) if (sample.length > 0) expect(run(sample)).toBe(undefined);
  });

  it(
    `answers ${INPUTS} mutated inputs`,
    () => {
      const random = new SeededRandom(20_260_401);
      const answers = new Map<string | undefined, number>();
      let slowestMs = 0;
      const heapBefore = heapBytes();
      for (let count = 0; count < INPUTS; count++) {
        const input = mutate(random, samples);
        const startMs = performance.now();
        let answer: string | undefined;
        try {
          answer = run(input);
        } catch (error) {
          throw new Error(`${name}: input ${count}, ${toHex(input)}`, { cause: error });
        }
        slowestMs = Math.max(slowestMs, performance.now() - startMs);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
      expect(slowestMs).toBeLessThan(HANG_MS);
      expect(heapBytes() - heapBefore).toBeLessThan(MAX_HEAP_GROWTH_BYTES);
      // The mutations reach both sides: some inputs are still valid, most are not, for more than one reason.
      expect(answers.get(undefined) ?? 0).toBeGreaterThan(0);
      expect(answers.size).toBeGreaterThan(1);
    },
    LONG_TIMEOUT_MS,
  );
});

describe.each(subjects)('run time of the decoder of $name', ({ run }) => {
  const small = growingInputs(32_768);
  const large = growingInputs(524_288);

  /** Of several tries the fastest, in processor time: other programs of the machine do not count. */
  const fastestMs = (input: Uint8Array, repeats: number): number => {
    let fastest = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const start = process.cpuUsage();
      for (let i = 0; i < repeats; i++) run(input);
      const { user, system } = process.cpuUsage(start);
      fastest = Math.min(fastest, (user + system) / 1000 / repeats);
    }
    return fastest;
  };

  it.each(Object.keys(small))('grows no faster than its input: %s', (kind) => {
    run(small[kind]!);
    // Sixteen times the bytes: linear work takes 16 times as long, quadratic 256 times. Some inputs are refused at once
    // at one size and not at the other, hence the quarter of a millisecond.
    const smallMs = fastestMs(small[kind]!, 4);
    const largeMs = fastestMs(large[kind]!, 1);
    expect(largeMs).toBeLessThan(64 * (smallMs + 0.25));
  });
});
