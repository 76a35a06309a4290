import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FloodCounts, FloodData } from './floodProtocol.js';

/** Posts that hang longer than this are given up at the end. */
const END_TIMEOUT_MS = 15_000;

const NOTHING: FloodCounts = { posts: 0, unanswered: 0, refused: 0, frames: 0 };

/** A thread of its own that sends, so that latencies are not those of the program that measures them. */
export class Flood {
  readonly #worker: Worker;

  constructor(data: FloodData) {
    // Shared memory: a copy of a hundred megabytes would be garbage a moment later.
    const bodies = data.bodies.map((body) => {
      const shared = new Uint8Array(new SharedArrayBuffer(body.length));
      shared.set(body);
      return shared;
    });
    this.#worker = new Worker(new URL('floodThread.js', import.meta.url), { workerData: { ...data, bodies } });
  }

  async end(): Promise<FloodCounts> {
    const counts = once(this.#worker, 'message') as Promise<[FloodCounts]>;
    this.#worker.postMessage('end');
    const timer = setTimeout(() => void this.#worker.terminate(), END_TIMEOUT_MS);
    const ended = once(this.#worker, 'exit').then(() => NOTHING);
    const [first] = await Promise.race([counts, ended.then((nothing) => [nothing] as const)]);
    await ended;
    clearTimeout(timer);
    return first;
  }
}
