import { describe, expect, it } from 'vitest';
import { attack, inputCount, LONG_TIMEOUT_MS } from './attack.js';
import { fuzzSubjects, growingInputs } from './subjects.js';

/**
 * Goal: whatever bytes arrive, decoders answer with a value or a named reason; they do not throw, hang or grow.
 * Method: valid samples, mutated by a seeded generator. A failure prints the input. MENGLIAN_LONG=1 runs a million
 * inputs for each decoder; the default is for every day.
 */
const INPUTS = inputCount(4_500);

const subjects = await fuzzSubjects();

describe.each(subjects)('decoder of $name', (subject) => {
  it('takes its samples', () => {
    for (const sample of subject.samples) if (sample.length > 0) expect(subject.run(sample)).toBe(undefined);
  });

  it(
    `answers ${INPUTS} mutated inputs`,
    async () => {
      const answers = await attack(subject, INPUTS);
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
