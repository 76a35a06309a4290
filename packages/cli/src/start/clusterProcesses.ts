import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from './nodeFlags.js';

/** The command that a node is started with. */
const COMMAND = fileURLToPath(new URL('../../bin/menglian.js', import.meta.url));

/** A node gets this long to finish its writes before it is ended. */
const STOP_TIMEOUT_MS = 15_000;

/** Lines of a node's output that are shown when it ended unexpectedly. */
const TAIL_LINES = 12;

export interface NodeProcessOptions {
  /** Variables for it besides those of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Stands before the command and must become it, as `nice` and `ip netns exec` do. */
  readonly launcher?: readonly string[];
}

/** One node in a process of its own. Its output goes to `nohup.out` in its folder, as with the start scripts. */
export class NodeProcess {
  readonly configPath: string;
  readonly outputPath: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  constructor(configPath: string, { environment = {}, launcher = [] }: NodeProcessOptions = {}) {
    this.configPath = configPath;
    this.outputPath = join(dirname(configPath), 'nohup.out');
    const output = openSync(this.outputPath, 'a');
    const [program, ...args] = [...launcher, process.execPath, ...nodeFlags(), COMMAND, 'node', '--config', configPath];
    this.#child = spawn(program!, args, {
      cwd: dirname(configPath),
      env: { ...process.env, ...environment },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The end of what the node printed. */
  tail(): string {
    return readFileSync(this.outputPath, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  }

  /** Ends the process at once, as a loss of power would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Stops the node in order. @returns whether it stopped by itself in time */
  async stop(): Promise<boolean> {
    if (!this.isRunning) return true;
    this.#child.kill('SIGTERM');
    const isStopped = await Promise.race([
      this.#exited.then(() => true),
      sleep(STOP_TIMEOUT_MS, false, { ref: false }),
    ]);
    if (!isStopped) await this.kill();
    return isStopped;
  }
}
