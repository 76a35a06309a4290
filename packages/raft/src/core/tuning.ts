/** What a core may be set to. None of it is about safety. */
import type { FlowLimits } from './progress.js';

export interface RaftTuning {
  /** T: a follower that hears of no leader for a time in [T, 2T) stands for election; a leader without a quorum for T stops. */
  readonly electionTimeoutMs: number;
  /** Well below T. */
  readonly heartbeatIntervalMs: number;
  readonly flow: FlowLimits;
  /** Entries in one message: at least one, then as many as fit. */
  readonly maxMessageBytes: number;
  readonly maxMessageEntries: number;
  /** Entries not committed yet, above which a leader takes no more. One that is larger is taken alone. */
  readonly maxUncommittedBytes: number;
  /** How many entries a learner may lack to be made a voter. */
  readonly promotionLagEntries: number;
}
