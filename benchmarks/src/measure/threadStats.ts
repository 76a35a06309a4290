import { readdirSync, readFileSync } from 'node:fs';
import { nameOfUnnamed, threadKind } from './threadNames.js';

/** CPU time in microseconds by kind of thread. */
export type ThreadTimes = ReadonlyMap<string, number>;

const PRELOAD = new URL('nameThreads.js', import.meta.url).href;

/** Variables of a node's process that make it name its threads. */
export const NAMED_THREADS: NodeJS.ProcessEnv = { NODE_OPTIONS: `--import ${PRELOAD}` };

/**
 * What each kind of thread of these processes has used so far, all processes together; empty where there is no `/proc`.
 * @param kindOfNamed what a thread that the node named counts to: one kind for all groups if nobody says otherwise
 */
export function threadMicroseconds(pids: readonly number[], kindOfNamed = threadKind): ThreadTimes {
  const times = new Map<string, number>();
  for (const pid of pids) {
    let unnamed = 0;
    for (const tid of threadsOf(pid)) {
      try {
        const name = readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim();
        const kind = tid === pid ? 'main' : kindOf(name, name === 'node' ? ++unnamed : 0, kindOfNamed);
        times.set(kind, (times.get(kind) ?? 0) + runMicroseconds(pid, tid));
      } catch {
        // The thread ended meanwhile.
      }
    }
  }
  return times;
}

/** What was used between two readings, by kind, most first. */
export function threadGrowth(before: ThreadTimes, after: ThreadTimes): Record<string, number> {
  const grown = [...after].map(([kind, used]) => [kind, Math.max(0, used - (before.get(kind) ?? 0))] as const);
  return Object.fromEntries(grown.toSorted((a, b) => b[1] - a[1]));
}

function kindOf(name: string, place: number, kindOfNamed: (name: string) => string): string {
  if (place > 0) return nameOfUnnamed(place);
  // Node.js 24 names its helpers itself.
  if (/^(V8Worker|DelayedTaskSche)/.test(name)) return 'v8';
  if (name === 'libuv-worker') return 'libuv';
  if (name === 'SignalInspector') return 'inspector';
  // V8's own, while a profiler samples.
  if (name.startsWith('v8:Prof')) return 'profiler';
  return kindOfNamed(name);
}

/** Ids of the threads of a process, oldest first. */
function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map(Number)
      .toSorted((a, b) => a - b);
  } catch {
    return [];
  }
}

/** Nanoseconds by the scheduler where it counts them, else ticks of a hundredth of a second. */
function runMicroseconds(pid: number, tid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
  } catch {
    const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  }
}
