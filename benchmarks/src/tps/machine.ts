import { cpus, totalmem } from 'node:os';

/** What a report was measured on. */
export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryBytes: number;
  /** version of Node.js */
  readonly node: string;
}

export function describeMachine(): Machine {
  return { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', memoryBytes: totalmem(), node: process.version };
}
