/**
 * Calls between contracts nest up to 1,024 deep, and each level takes about 1.3 KB of this thread's stack in calls of our own.
 * A thread whose stack ends earlier would stop on a transaction that others execute, so it must not execute at all. A worker
 * thread has 4 MB unless told otherwise, which is enough; the main thread has 1 MB unless node runs with
 * `--stack-size=3900`.
 */
const PROBE_FRAMES = 40_000;

/** Whether this thread has more than twice the stack that the deepest transaction needs. Ask once, where the thread starts. */
export function hasDeepCallStack(): boolean {
  try {
    return descend(PROBE_FRAMES) === PROBE_FRAMES;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function descend(frames: number): number {
  return frames === 0 ? 0 : 1 + descend(frames - 1);
}
