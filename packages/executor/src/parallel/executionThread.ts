/** What an execution thread runs: it says when it is ready, and ends when the buffers say so. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { SuiteName } from '@menglian/crypto/suite';
import type { SharedBuffers } from './sharedMemory.js';
import { runExecutionWorker } from './workerLoop.js';

/** `workerData` of the thread. */
export interface ExecutionThreadData {
  readonly buffers: SharedBuffers;
  readonly worker: number;
  readonly suite: SuiteName;
}

const { buffers, worker, suite } = workerData as ExecutionThreadData;
const suites = { suite: await loadSuite(suite), ecdsa: await loadSuite('ecdsa') };
parentPort!.postMessage('ready');
// The message leaves before this thread begins to stand still.
setImmediate(() => runExecutionWorker(buffers, worker, suites, () => performance.now() * 1000));
