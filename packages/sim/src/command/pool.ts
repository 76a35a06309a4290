/** Seeds shared among processes, one for each core. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { UnitOfWork, UnitReport } from './unitOfWork.js';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));
const BATCH = 20;

type Answer = { readonly report: UnitReport } | { readonly cpuMs: number };

export interface PoolResult {
  /** Processor time of all workers together. */
  readonly cpuMs: number;
}

/** @param next the next run, or undefined when there are no more */
export async function runAll(
  next: () => UnitOfWork | undefined,
  onReport: (report: UnitReport) => void,
  processes = availableParallelism(),
): Promise<PoolResult> {
  const cpu = await Promise.all(Array.from({ length: processes }, () => runWorker(next, onReport)));
  return { cpuMs: cpu.reduce((sum, ms) => sum + ms, 0) };
}

function runWorker(next: () => UnitOfWork | undefined, onReport: (report: UnitReport) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = fork(WORKER);
    let cpuMs = 0;
    const give = (): void => {
      const units: UnitOfWork[] = [];
      for (let unit = next(); unit !== undefined; unit = units.length < BATCH ? next() : undefined) units.push(unit);
      if (units.length > 0) worker.send(units);
      else worker.disconnect();
    };
    worker.on('message', (answer: Answer) => {
      if ('report' in answer) onReport(answer.report);
      else {
        cpuMs = answer.cpuMs;
        give();
      }
    });
    worker.on('exit', (code) => (code === 0 ? resolve(cpuMs) : reject(new Error(`a worker ended with code ${code}`))));
    give();
  });
}
