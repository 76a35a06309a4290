import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { until } from '../cluster.js';

/** What a process holds of the system. */
export interface Handles {
  readonly threads: number;
  /** without sockets: connections of clients come and go by themselves */
  readonly files: number;
  readonly listeningPorts: number;
}

/** What all threads of a process hold after their garbage was collected. */
export interface HeldMemory {
  /** that answered */
  readonly threads: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly rssBytes: number;
}

const PROBE = pathToFileURL(join(import.meta.dirname, 'heapProbe.mjs')).href;
const heapFile = (folder: string) => join(folder, 'heap.json');

/** Variables of a node's process that let `heldMemory` ask it. */
export function probedEnvironment(folder: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--import ${PROBE}`, MENGLIAN_TEST_HEAP_FILE: heapFile(folder) };
}

/**
 * Takes a second, and longer until all threads of the process have answered.
 * @param threads how many JavaScript runs in
 */
export async function heldMemory(pid: number, folder: string, threads: number): Promise<HeldMemory> {
  const path = heapFile(folder);
  let held: HeldMemory | undefined;
  await until(
    async () => {
      rmSync(path, { force: true });
      process.kill(pid, 'SIGUSR2');
      await until(() => Promise.resolve(existsSync(path)), 'the process tells what it holds', 20_000);
      held = JSON.parse(readFileSync(path, 'utf8')) as HeldMemory;
      return held.threads === threads;
    },
    `${threads} threads tell what they hold`,
    60_000,
  );
  return held!;
}

export function handlesOf(pid: number): Handles {
  const system = `/proc/${pid}`;
  const targets = readdirSync(`${system}/fd`).map((name) => opened(`${system}/fd/${name}`));
  const listening = listeningSockets(pid);
  return {
    threads: readdirSync(`${system}/task`).length,
    files: targets.filter((target) => target !== '' && !target.startsWith('socket:')).length,
    listeningPorts: targets.filter((target) => listening.has(target)).length,
  };
}

/** What a handle of a process stands for; nothing when it was closed meanwhile. */
function opened(handle: string): string {
  try {
    return readlinkSync(handle);
  } catch {
    return '';
  }
}

/** Names of all sockets of this machine that listen, as handles have them. */
function listeningSockets(pid: number): ReadonlySet<string> {
  const LISTENS = '0A';
  const sockets = ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === LISTENS)
      .map((fields) => `socket:[${fields[9]}]`),
  );
  return new Set(sockets);
}
