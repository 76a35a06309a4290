import { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';
import { threadName } from './threadNames.js';

/**
 * Loaded into a node before its own code (`namedThreads`): gives its threads names, so that `/proc` tells which of them
 * used the processors. Nothing else of the node changes.
 */
const NAME_KEY = 'menglian-bench-thread-name';

const { Worker, getEnvironmentData, isMainThread, setEnvironmentData } = workerThreads;

class NamedWorker extends Worker {
  constructor(file: string | URL, options?: WorkerOptions) {
    // The new thread gets a copy of this at the moment it is made.
    setEnvironmentData(NAME_KEY, threadName(options?.name, String(file)));
    super(file, options);
  }
}

workerThreads.Worker = NamedWorker;
syncBuiltinESMExports();

if (!isMainThread) {
  try {
    writeFileSync('/proc/thread-self/comm', String(getEnvironmentData(NAME_KEY)));
  } catch {
    // Not Linux: there is nothing to read the names from either.
  }
}
