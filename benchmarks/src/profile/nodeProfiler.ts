import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadKind } from '../measure/threadNames.js';
import { type CpuProfile, stageMicros } from './readProfile.js';

const PRELOAD = new URL('profileThreads.js', import.meta.url).href;

/** How long nodes may take to write their profiles. */
const WRITTEN_WITHIN_MS = 60_000;

/** Time for all threads to begin. */
const BEGIN_MS = 300;

/** Samples what the threads of nodes do. */
export class NodeProfiler {
  readonly #folder: string;

  /** @param folder for the profiles, which Chrome's and other tools show, too; made if there is none */
  constructor(folder: string) {
    this.#folder = resolve(folder);
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Variables for nodes that are to be sampled, added to others. */
  environment({ NODE_OPTIONS = '', ...rest }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return {
      ...rest,
      NODE_OPTIONS: `${NODE_OPTIONS} --import ${PRELOAD}`.trim(),
      MENGLIAN_BENCH_PROFILE: this.#folder,
    };
  }

  async begin(pids: readonly number[]): Promise<void> {
    for (const pid of pids) process.kill(pid, 'SIGUSR2');
    await sleep(BEGIN_MS);
  }

  /** @returns microseconds by kind of thread and stage, all nodes together */
  async end(pids: readonly number[]): Promise<Map<string, Map<string, number>>> {
    for (const pid of pids) process.kill(pid, 'SIGUSR2');
    const deadlineMs = performance.now() + WRITTEN_WITHIN_MS;
    while (this.#files('.started').length > 0) {
      if (performance.now() > deadlineMs) throw new Error(`no profiles after ${WRITTEN_WITHIN_MS} ms`);
      await sleep(100);
    }
    const kinds = new Map<string, Map<string, number>>();
    for (const file of this.#files('.cpuprofile')) {
      const [, pid, name] = /^(\d+)-\d+-(.*)\.cpuprofile$/.exec(file) ?? [];
      if (name === undefined || !pids.includes(Number(pid))) continue;
      const kind = threadKind(name);
      const stages = kinds.get(kind) ?? new Map<string, number>();
      const profile = JSON.parse(readFileSync(join(this.#folder, file), 'utf8')) as CpuProfile;
      for (const [stage, micros] of stageMicros(profile)) stages.set(stage, (stages.get(stage) ?? 0) + micros);
      kinds.set(kind, stages);
    }
    return kinds;
  }

  #files(ending: string): string[] {
    return readdirSync(this.#folder).filter((name) => name.endsWith(ending));
  }
}
