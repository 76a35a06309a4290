import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/menglian.js', import.meta.url));

/** A line that `menglian relay --json` writes. */
export interface RelayLine {
  readonly kind: string;
  readonly lane?: string;
  readonly chain?: string;
  readonly step?: { readonly kind: string };
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs a `menglian` command to its end. */
export async function menglian(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [COMMAND, '--lang', 'en', ...args],
      { maxBuffer: 64 * 1024 * 1024 },
      (_problem, out, error) => resolve({ code: child.exitCode, out, error }),
    );
  });
}

/** A relay in a process of its own. */
export class RelayProcess {
  readonly #child: ChildProcess;
  /** All it has told so far. */
  readonly told: RelayLine[] = [];
  readonly #listeners = new Set<(line: RelayLine) => void>();

  constructor(configPath: string) {
    this.#child = spawn(process.execPath, [COMMAND, 'relay', '--config', configPath, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const told = JSON.parse(line) as RelayLine;
      this.told.push(told);
      for (const listener of this.#listeners) listener(told);
    });
  }

  onLine(listener: (line: RelayLine) => void): void {
    this.#listeners.add(listener);
  }

  /** @returns its exit code */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }
}
