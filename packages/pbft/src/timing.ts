/** Waiting times, milliseconds. They decide when something is tried again, never what is safe to vote for. */
export interface PbftTiming {
  /** Between two signed status messages, and between two repeats of a vote that nothing came of. */
  readonly heartbeatIntervalMs: number;
  /** Cap of the view-change timer. */
  readonly maximumTimeoutMs: number;
  /** How long a leader may be disconnected, with work pending, before this replica asks for the next view. */
  readonly leaderDownGraceMs: number;
  /** A peer not heard of for so long is taken for gone; several heartbeats. */
  readonly silenceMs: number;
  /** Shortest time between two answers, requests or hints of one sort to the same peer. */
  readonly replyIntervalMs: number;
}

export const DEFAULT_TIMING: PbftTiming = {
  heartbeatIntervalMs: 1000,
  maximumTimeoutMs: 30_000,
  leaderDownGraceMs: 300,
  silenceMs: 3500,
  replyIntervalMs: 400,
};
