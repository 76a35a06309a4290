import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Lines of the history that are kept between sessions. */
const HISTORY_LINES_MAX = 1000;

/** Deployments that are remembered, over all chains. */
const DEPLOYMENTS_MAX = 500;

/** A contract that this user deployed with the console. */
export interface Deployment {
  /** ISO 8601 */
  readonly at: string;
  /** The chain and group: hash of block 0 of the group. */
  readonly chain: string;
  readonly groupId: number;
  readonly name: string;
  readonly address: `0x${string}`;
  readonly transactionHash: string;
  readonly abi: readonly unknown[];
}

/** The folder where the console keeps what it remembers: no keys and no passwords. */
export class ConsoleHome {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** `$MENGLIAN_HOME`, or `.menglian` in the home of the user. */
  static ofUser(environment: Readonly<NodeJS.ProcessEnv>): ConsoleHome {
    return new ConsoleHome(environment['MENGLIAN_HOME'] ?? join(homedir(), '.menglian'));
  }

  /** Newest first, as readline wants them. */
  history(): string[] {
    return this.#lines('history').slice(-HISTORY_LINES_MAX).toReversed();
  }

  addHistory(line: string): void {
    this.#append('history', line, 2 * HISTORY_LINES_MAX, HISTORY_LINES_MAX);
  }

  /** Newest first. */
  deployments(): readonly Deployment[] {
    return this.#lines('deployments.jsonl')
      .slice(-DEPLOYMENTS_MAX)
      .flatMap((line) => readDeployment(line) ?? [])
      .toReversed();
  }

  addDeployment(deployment: Deployment): void {
    this.#append('deployments.jsonl', JSON.stringify(deployment), 2 * DEPLOYMENTS_MAX, DEPLOYMENTS_MAX);
  }

  #lines(name: string): string[] {
    try {
      return readFileSync(join(this.folder, name), 'utf8')
        .split('\n')
        .filter((line) => line !== '');
    } catch {
      return [];
    }
  }

  /** Appends, so that two consoles do not lose each other's lines; rewrites rarely. */
  #append(name: string, line: string, linesMax: number, linesKept: number): void {
    const path = join(this.folder, name);
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      appendFileSync(path, `${line}\n`, { mode: 0o600 });
      const lines = this.#lines(name);
      if (lines.length > linesMax) writeFileSync(path, `${lines.slice(-linesKept).join('\n')}\n`, { mode: 0o600 });
    } catch {
      // What cannot be remembered was done all the same.
    }
  }
}

/** The file may be of another version, or damaged: such lines do not count. */
function readDeployment(line: string): Deployment | undefined {
  try {
    const read = JSON.parse(line) as Partial<Deployment>;
    const isWhole =
      typeof read.at === 'string' &&
      typeof read.chain === 'string' &&
      typeof read.groupId === 'number' &&
      typeof read.name === 'string' &&
      /^0x[0-9a-f]{40}$/.test(read.address ?? '') &&
      typeof read.transactionHash === 'string' &&
      Array.isArray(read.abi);
    return isWhole ? (read as Deployment) : undefined;
  } catch {
    return undefined;
  }
}
