import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { hasDeepCallStack } from './callStack.js';

/** The probe by itself, in a thread with so much stack. */
function probe(stackSizeMb: number): Promise<boolean> {
  const descend = 'const descend = (frames) => (frames === 0 ? 0 : 1 + descend(frames - 1));';
  const answer = 'try { post(descend(40000) === 40000) } catch { post(false) }';
  const source = `const post = (m) => require('node:worker_threads').parentPort.postMessage(m); ${descend} ${answer}`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(source, { eval: true, resourceLimits: { stackSizeMb } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

it('answers for this thread, and tells a large stack from a small one', async () => {
  expect([true, false]).toContain(hasDeepCallStack());
  expect(await probe(1)).toBe(false);
  expect(await probe(8)).toBe(true);
});
