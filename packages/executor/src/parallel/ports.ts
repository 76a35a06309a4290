import type { SharedBuffers } from './sharedMemory.js';

/** Threads that execute; whoever builds an executor makes them and ends them. */
export interface ExecutionThreads {
  /**
   * Starts one thread for each worker of the buffers, which loads the suites and calls `runExecutionWorker`.
   * @returns at once; threads that are not there yet take no part
   */
  start(buffers: SharedBuffers): void;
  /** Whether all run: false before, and for good when one has died. */
  areRunning(): boolean;
  /** For measuring only, from any start. */
  nowMicros(): number;
}
