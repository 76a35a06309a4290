import { readFileSync } from 'node:fs';

const INTERVAL_MS = 200;

/** Looks at the memory of processes now and then, and keeps the most each had. Always `stop` it. */
export class MemoryWatch {
  readonly #peaks: Map<number, number>;
  readonly #timer: NodeJS.Timeout;

  constructor(pids: readonly number[]) {
    this.#peaks = new Map(pids.map((pid) => [pid, residentBytes(pid)]));
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
  }

  /** @returns the most that each process had resident, in bytes, in their order */
  stop(): number[] {
    clearInterval(this.#timer);
    this.#look();
    return [...this.#peaks.values()];
  }

  #look(): void {
    for (const [pid, peak] of this.#peaks) this.#peaks.set(pid, Math.max(peak, residentBytes(pid)));
  }
}

/** Of a process that has ended: 0. Whoever watches sees that elsewhere. */
function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
