import { spawnSync } from 'node:child_process';
import { setPriority } from 'node:os';

const LOWEST_PRIORITY = 19;

/**
 * From now on the thread has a processor only while nobody else wants it, and gives it up the moment somebody does: SCHED_IDLE, by
 * `chrt` of util-linux. Where that is missing it has the lowest priority, which still takes some time from others. Linux only.
 */
export function takeSpareTimeOnly(thread: number): void {
  if (spawnSync('chrt', ['--idle', '--pid', '0', String(thread)], { stdio: 'ignore' }).status === 0) return;
  try {
    setPriority(thread, LOWEST_PRIORITY);
  } catch {
    // It ended meanwhile.
  }
}
