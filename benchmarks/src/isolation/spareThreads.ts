import { readdirSync, readFileSync } from 'node:fs';
import { takeSpareTimeOnly } from '../measure/spareTime.js';

const LOOK_MS = 250;

/**
 * Leaves a group's threads, as long as it runs, only the time of processors that nobody else wants, as if they had processors of
 * their own. What a neighbour still costs then is what groups share by structure. Linux only.
 * @param threadName of the group's threads (`nameThreads.ts`) @returns ends it
 */
export function spareThreads(pids: () => readonly number[], threadName: string): () => void {
  const seen = new Set<number>();
  const look = () => {
    for (const pid of pids()) for (const thread of unseenThreads(pid, threadName, seen)) takeSpareTimeOnly(thread);
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}

function unseenThreads(pid: number, threadName: string, seen: Set<number>): number[] {
  try {
    const all = readdirSync(`/proc/${pid}/task`).map(Number);
    const unseen = all.filter((thread) => !seen.has(thread));
    return unseen.filter((thread) => {
      const name = readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim();
      // A thread that has no name yet is looked at again.
      if (name === threadName) seen.add(thread);
      return name === threadName;
    });
  } catch {
    return [];
  }
}
