import { Worker } from 'node:worker_threads';
import type { SuiteName } from '@menglian/crypto/suite';
import type { ExecutionThreadData } from './executionThread.js';
import type { ExecutionThreads } from './ports.js';
import type { SharedBuffers } from './sharedMemory.js';

/** Calls between contracts nest 1,024 deep: as much stack as the group's own thread has, in MiB. */
const STACK_MIB = 64;

/** Execution workers as threads of this process. The host of the executor makes it, and ends it. */
export class NodeThreads implements ExecutionThreads {
  readonly #suite: SuiteName;
  readonly #workers: Worker[] = [];
  #ready = 0;
  #hasDied = false;
  readonly #onReady: (() => void)[] = [];

  constructor(suite: SuiteName) {
    this.#suite = suite;
  }

  start(buffers: SharedBuffers): void {
    // The thread is plain JavaScript also where this file is run from its source, as tests do.
    const entry = new URL('../../dist/parallel/executionThread.js', import.meta.url);
    for (let worker = 0; worker < buffers.workers; worker++) {
      const data: ExecutionThreadData = { buffers, worker, suite: this.#suite };
      const thread = new Worker(entry, { workerData: data, resourceLimits: { stackSizeMb: STACK_MIB } });
      thread.once('message', () => {
        this.#ready += 1;
        if (this.areRunning()) for (const tell of this.#onReady) tell();
      });
      thread.on('error', () => (this.#hasDied = true));
      thread.on('exit', () => (this.#hasDied = true));
      this.#workers.push(thread);
    }
  }

  areRunning(): boolean {
    return !this.#hasDied && this.#workers.length > 0 && this.#ready === this.#workers.length;
  }

  nowMicros(): number {
    return performance.now() * 1000;
  }

  /** Resolves when all threads run. */
  ready(): Promise<void> {
    return this.areRunning() ? Promise.resolve() : new Promise((resolve) => this.#onReady.push(resolve));
  }

  /** Ends the threads, whatever they do. */
  async terminate(): Promise<void> {
    this.#hasDied = true;
    await Promise.all(this.#workers.map((thread) => thread.terminate()));
  }
}
