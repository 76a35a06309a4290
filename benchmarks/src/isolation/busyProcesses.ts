import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Processes that have nothing to do with the nodes, compute and store: what a machine takes from one for another. */
export class BusyProcesses {
  readonly #processes: readonly ChildProcess[];

  /** @param isSpare at the lowest priority */
  constructor(count: number, isSpare: boolean) {
    const path = fileURLToPath(new URL('busyProcess.js', import.meta.url));
    const args = isSpare ? ['spare'] : [];
    this.#processes = Array.from({ length: count }, () => fork(path, args));
  }

  async end(): Promise<void> {
    const ended = this.#processes.map((process) => once(process, 'exit'));
    for (const process of this.#processes) process.disconnect();
    await Promise.all(ended);
  }
}
