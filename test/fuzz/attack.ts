import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { expect } from 'vitest';
import { mutate } from './mutate.js';
import type { Subject } from './subjects.js';

/** An ordinary input takes microseconds. Seconds, even on a busy machine, are a hang. */
const HANG_MS = 5_000;

/** What a million decodings may leave behind: compiled code and caches, not data. */
const MAX_HEAP_GROWTH_BYTES = 32 * 1024 * 1024;

export const LONG_TIMEOUT_MS = 3_600_000;

/** MENGLIAN_LONG=1 runs a million inputs for each subject. @param everyDay what runs without it */
export function inputCount(everyDay: number): number {
  return process.env['MENGLIAN_LONG'] === '1' ? 1_000_000 : everyDay;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/**
 * Runs mutated inputs through a subject. Fails, naming the input, when one throws or hangs, and when memory grows.
 * @returns how often each reason was given; undefined is a success
 */
export async function attack(subject: Subject, inputs: number): Promise<Map<string | undefined, number>> {
  const { name, samples, run } = subject;
  const change = subject.mutate ?? mutate;
  const random = new SeededRandom(20_260_401);
  const answers = new Map<string | undefined, number>();
  let slowestMs = 0;
  const heapBefore = heapBytes();
  for (let count = 0; count < inputs; count++) {
    const input = change(random, samples);
    const startMs = performance.now();
    let answer: string | undefined;
    try {
      const running = run(input);
      answer = running instanceof Promise ? await running : running;
    } catch (error) {
      throw new Error(`${name}: input ${count}, ${toHex(input)}`, { cause: error });
    }
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  expect(slowestMs).toBeLessThan(HANG_MS);
  expect(heapBytes() - heapBefore).toBeLessThan(MAX_HEAP_GROWTH_BYTES);
  return answers;
}
