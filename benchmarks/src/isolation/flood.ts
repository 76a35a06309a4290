import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FloodCounts, FloodData } from './floodProtocol.js';

/** Posts that hang longer than this are given up at the end. */
const END_TIMEOUT_MS = 15_000;

const NOTHING: FloodCounts = { posts: 0, unanswered: 0, refused: 0, frames: 0 };

/** A process of its own that sends, so that latencies are not those of the program that measures them: their garbage is not shared. */
export class Flood {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** @returns when it sends @throws Error when it ends before that */
  static async start(data: FloodData): Promise<Flood> {
    const path = fileURLToPath(new URL('floodProcess.js', import.meta.url));
    const process = fork(path, [], { serialization: 'advanced' });
    process.send(data);
    const ended = once(process, 'exit').then(() => {
      throw new Error('the attacking process ended before it sent anything');
    });
    await Promise.race([once(process, 'message'), ended]);
    // It ends some time.
    ended.catch(() => undefined);
    return new Flood(process);
  }

  async end(): Promise<FloodCounts> {
    const process = this.#process;
    if (process.exitCode !== null) return NOTHING;
    const ended = once(process, 'exit').then(() => NOTHING);
    const counts = once(process, 'message').then(([message]) => message as FloodCounts);
    process.send('end');
    const timer = setTimeout(() => process.kill('SIGKILL'), END_TIMEOUT_MS);
    const first = await Promise.race([counts, ended]);
    await ended;
    clearTimeout(timer);
    return first;
  }
}
