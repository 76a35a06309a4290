/**
 * What members of a group say to each other. Every message names its sender's term, except that a pre-vote, and the
 * answer that grants it, name the term that would follow.
 */
import type { NodeId } from '@menglian/types/address';
import type { Configuration } from './configuration.js';
import type { Entry, LogPosition } from './entry.js';

/** "Would you vote for me?" (thesis 9.6) and "vote for me" (Raft §5.2). */
export interface VoteRequest {
  readonly kind: 'preVote' | 'vote';
  readonly term: number;
  /** The end of the candidate's log. */
  readonly last: LogPosition;
  /** The leader asked for this election: it need not be protected against it (thesis 4.2.3). */
  readonly isTransfer: boolean;
}

export interface VoteResponse {
  readonly kind: 'preVoteResponse' | 'voteResponse';
  readonly term: number;
  readonly isGranted: boolean;
  /**
   * 0, or the index of a committed configuration that the asking node is not in. One that knows no later configuration
   * has been removed, and stops asking.
   */
  readonly removedAt: number;
}

export interface Append {
  readonly kind: 'append';
  readonly term: number;
  readonly previous: LogPosition;
  readonly committed: number;
  /** Consecutive, the first follows `previous`; none to announce a commit or to search for a match. */
  readonly entries: readonly Entry[];
}

export interface AppendResponse {
  readonly kind: 'appendResponse';
  readonly term: number;
  /** Stored up to here; of a refusal: the `previous.index` that did not match. */
  readonly index: number;
  /** Received and matching up to here, not all of it answered for yet: need not be sent again. */
  readonly received: number;
  /** Only in a refusal: where the two logs may at best agree, and the term there. */
  readonly hint: LogPosition | undefined;
  /** The application has refused the entry after `index` for good. */
  readonly isRefused: boolean;
}

export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly term: number;
  /** Not above what the receiver is known to have stored. */
  readonly committed: number;
  /** The application's height at the sender. */
  readonly height: number;
}

export interface HeartbeatResponse {
  readonly kind: 'heartbeatResponse';
  readonly term: number;
  readonly height: number;
}

/** In place of entries that are compacted away: begin at `at` once your application has reached `height`. */
export interface Snapshot {
  readonly kind: 'snapshot';
  readonly term: number;
  readonly at: LogPosition;
  readonly configuration: Configuration;
  readonly height: number;
}

/** "Stand for election now": leadership is handed over (thesis 3.10). */
export interface TimeoutNow {
  readonly kind: 'timeoutNow';
  readonly term: number;
}

export type RaftMessage =
  | VoteRequest
  | VoteResponse
  | Append
  | AppendResponse
  | Heartbeat
  | HeartbeatResponse
  | Snapshot
  | TimeoutNow;

export interface Outgoing {
  readonly to: NodeId;
  readonly message: RaftMessage;
}
