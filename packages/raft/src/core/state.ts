/** A core as plain data. What changes it: step.ts (messages), tick.ts (time), and what the application calls. */
import type { NodeId } from '@menglian/types/address';
import { type Configuration, isVoter } from './configuration.js';
import { RaftLog, type CompactionPoint } from './log.js';
import type { Entry } from './entry.js';
import type { Outgoing, RaftMessage, Snapshot } from './messages.js';
import type { Progress } from './progress.js';
import type { RaftTuning } from './tuning.js';

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader';

/** What must survive a crash beside the log. `committed` may be older than what was known. */
export interface HardState {
  readonly term: number;
  readonly vote: NodeId | undefined;
  readonly committed: number;
}

export interface RaftCore {
  readonly nodeId: NodeId;
  readonly tuning: RaftTuning;
  readonly log: RaftLog;
  term: number;
  /** Whom this node voted for in `term`. */
  vote: NodeId | undefined;
  role: Role;
  leader: NodeId | undefined;
  /** The application's height, for heartbeats and snapshots. */
  height: number;

  /** Follower: our log equals the leader's up to here. An acknowledgement names this or `log.stable`. */
  leaderMatched: number;
  /** Committed in the group, as far as our log is known to match; we follow as far as `log.stable`. */
  knownCommitted: number;
  /** Index of the entry that the application has refused, for the leader to know. */
  refusedIndex: number | undefined;
  /** Follower: waits for the application to reach its height. */
  pendingSnapshot: { readonly from: NodeId; readonly message: Snapshot } | undefined;
  /** Index of a committed configuration that we are told we are not in. */
  removedAt: number;

  /** Candidate: answers so far. */
  votes: Map<NodeId, boolean>;
  /** Leader: one for each member, itself included. */
  progress: Map<NodeId, Progress>;
  /** Leader: nodes whose application refuses our next entry for good. */
  refusals: Set<NodeId>;
  transfer: { readonly target: NodeId; readonly untilMs: number } | undefined;

  nowMs: number;
  /** When to stand for election, if no leader is heard of. */
  electionDueMs: number;
  heartbeatDueMs: number;
  /** Leader: when to see whether a majority still answers. */
  quorumDueMs: number;
  /** When a leader of this term was last heard of. */
  leaderHeardMs: number;
  /** The present wait has been prolonged once because this process did not run: see tick.ts. */
  isExcused: boolean;
  /** How many timeouts have been drawn: see timeout.ts. */
  draws: number;

  outbox: Outgoing[];
  /** Heights above ours that a leader's snapshot or a peer spoke of. */
  behind: { readonly peer: NodeId; readonly height: number }[];
  readonly recorded: Recorded;
}

/** What the disk holds, as far as it was asked to: ready.ts compares. */
export interface Recorded {
  term: number;
  vote: NodeId | undefined;
  firstIndex: number;
  lastIndex: number;
  compactionIndex: number;
  /** The log was begun anew: that must be durable before it is answered for. */
  mustWrite: boolean;
}

const NOTHING_RECORDED = -1;

/** What a core is made of at start: nothing but the compaction point for a node without records. */
export interface RestoredState {
  /** False for a node that has never written anything. */
  readonly isRecorded: boolean;
  readonly hardState: HardState;
  readonly compaction: CompactionPoint;
  /** Consecutive, the first follows the compaction point. */
  readonly entries: readonly Entry[];
}

export function createCore(nodeId: NodeId, tuning: RaftTuning, restored: RestoredState, height: number): RaftCore {
  const { isRecorded, hardState, compaction, entries } = restored;
  const log = new RaftLog(compaction);
  for (const entry of entries) log.append(entry);
  log.stabilise(log.lastIndex);
  log.markWritten();
  log.commitTo(Math.max(compaction.index, Math.min(hardState.committed, log.lastIndex)));
  return {
    nodeId,
    tuning,
    log,
    term: hardState.term,
    vote: hardState.vote,
    role: 'follower',
    leader: undefined,
    height,
    leaderMatched: 0,
    knownCommitted: log.committed,
    refusedIndex: undefined,
    pendingSnapshot: undefined,
    removedAt: 0,
    votes: new Map(),
    progress: new Map(),
    refusals: new Set(),
    transfer: undefined,
    nowMs: 0,
    electionDueMs: Number.POSITIVE_INFINITY,
    heartbeatDueMs: Number.POSITIVE_INFINITY,
    quorumDueMs: Number.POSITIVE_INFINITY,
    leaderHeardMs: Number.NEGATIVE_INFINITY,
    isExcused: false,
    draws: 0,
    outbox: [],
    behind: [],
    recorded: {
      term: hardState.term,
      vote: hardState.vote,
      firstIndex: log.firstIndex,
      lastIndex: log.lastIndex,
      // The first configuration is read off the chain once, and then kept: the chain goes on to others before the log does.
      compactionIndex: isRecorded ? compaction.index : NOTHING_RECORDED,
      mustWrite: false,
    },
  };
}

/** The configuration in force here: the last one in the part of the log that this node answers for. */
export function configurationOf(core: RaftCore): Configuration {
  return core.log.configurationAt(core.log.stable).configuration;
}

/**
 * Whether this node may stand for election. One that its latest configuration leaves out may, as long as that is not
 * known to be committed: it may hold the only copy of the entry, and then nobody else can win (thesis 4.2.2). One that
 * begins in the middle, with an application but no log, may not before a leader's log has reached it: several such would
 * find each other up to date and begin a log of their own.
 */
export function isElectable(core: RaftCore): boolean {
  const { log, nodeId } = core;
  const { configuration, index } = log.configurationAt(log.stable);
  if (core.pendingSnapshot !== undefined || core.removedAt > index) return false;
  if (log.stable === 0 && core.height > 0) return false;
  return isVoter(configuration, nodeId) || isVoter(log.configurationAt(log.committed).configuration, nodeId);
}

export function send(core: RaftCore, to: NodeId, message: RaftMessage): void {
  core.outbox.push({ to, message });
}
