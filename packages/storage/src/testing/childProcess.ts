/** Runs pieces of a program in processes of their own, for tests of what a process leaves behind. */
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Node runs JavaScript only: brings the compiled form of a package and those below it up to date. */
export async function buildPackage(name: string): Promise<void> {
  const compiler = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url));
  const build = promisify(execFile)(process.execPath, [compiler, '-b', `packages/${name}`], { cwd: ROOT });
  // The compiler reports on its ordinary output, which an error of execFile does not show.
  await build.catch((error: Error & { stdout?: string }) => {
    throw new Error(`${error.message}\n${error.stdout ?? ''}`, { cause: error });
  });
}

export interface ChildOptions {
  /** Largest file the process may write, in KiB: writing beyond it fails as on a full disk. */
  readonly fileLimitKiB?: number;
  /** Run as this user and group; only root can. */
  readonly userId?: number;
}

export interface Child {
  /** Everything it printed, once it has ended. */
  readonly ended: Promise<{ readonly output: string; readonly errors: string; readonly code: number | null }>;
  /** Ends it as a loss of power would, as far as one process can tell. */
  kill(): void;
  /** Calls back with each piece of output. */
  onOutput(listener: (text: string) => void): void;
}

/** @param script an ES module; imports of `@menglian/…` work and load compiled packages */
export function startChild(script: string, values: readonly string[], options: ChildOptions = {}): Child {
  const command = [process.execPath, '--input-type=module', '--eval', script, ...values];
  const limit = options.fileLimitKiB;
  const [program, ...rest] =
    limit === undefined ? command : ['bash', '-c', `ulimit -f ${limit}; exec "$@"`, 'bash', ...command];
  const user = options.userId === undefined ? {} : { uid: options.userId, gid: options.userId };
  // The folder decides what `@menglian/…` means.
  const child = spawn(program!, rest, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...user });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const ended = new Promise<{ output: string; errors: string; code: number | null }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ output, errors, code }));
  });
  return {
    ended,
    kill: () => void child.kill('SIGKILL'),
    onOutput: (listener) => void child.stdout.on('data', (data: Buffer) => listener(data.toString())),
  };
}
