import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type as systemType } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What a report was measured on. */
export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryBytes: number;
  /** version of Node.js */
  readonly node: string;
}

export interface Environment extends Machine {
  /** name and release of the operating system */
  readonly system: string;
  /** ISO 8601, UTC */
  readonly startedAt: string;
  /** processes that wanted to run in the last minute before the start: above 0.5 the machine had other work */
  readonly loadAverage: number;
  /** of the sources, with `+` if they differ from it; undefined outside a checkout */
  readonly commit: string | undefined;
}

export function describeMachine(): Machine {
  return { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', memoryBytes: totalmem(), node: process.version };
}

export function describeEnvironment(): Environment {
  return {
    ...describeMachine(),
    system: `${systemType()} ${release()}`,
    startedAt: new Date().toISOString(),
    loadAverage: Math.round(loadavg()[0]! * 100) / 100,
    commit: commitOf(fileURLToPath(new URL('../..', import.meta.url))),
  };
}

function commitOf(folder: string): string | undefined {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short=12', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return undefined;
  }
}
