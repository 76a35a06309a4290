/** Waiting times, milliseconds. They decide when something is tried again, never what is safe to vote for. */
export interface RaftTiming {
  /** T. A follower stands for election after a time in [T, 2T) without a leader; a leader steps down after T without a quorum. */
  readonly electionTimeoutMs: number;
  /** Between two heartbeats of a leader, and between two repeats of a result that nothing came of. */
  readonly heartbeatIntervalMs: number;
  /** Shortest time between two hints about the same peer. */
  readonly hintIntervalMs: number;
}

export const DEFAULT_TIMING: RaftTiming = {
  electionTimeoutMs: 1500,
  heartbeatIntervalMs: 250,
  hintIntervalMs: 400,
};
