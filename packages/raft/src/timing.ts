/** Waiting times, milliseconds. They decide when something is tried again, never what is safe to vote for. */
export interface RaftTiming {
  /** T. A follower stands for election after a time in [T, 2T) without a leader; a leader steps down after T without a quorum. */
  readonly electionTimeoutMs: number;
  /** Between two heartbeats of a leader, and between two repeats of a result that nothing came of. */
  readonly heartbeatIntervalMs: number;
  /** Shortest time between two hints about the same peer. */
  readonly hintIntervalMs: number;
}

/** The rest follows from T: six heartbeats may be lost before anybody doubts the leader. */
export function timingOf(electionTimeoutMs: number): RaftTiming {
  const heartbeatIntervalMs = Math.max(1, Math.floor(electionTimeoutMs / 6));
  return { electionTimeoutMs, heartbeatIntervalMs, hintIntervalMs: 2 * heartbeatIntervalMs };
}

export const DEFAULT_TIMING = timingOf(1500);
