/** The leader's part: entries out, answers in. */
import { failure, type Result, success } from '@menglian/base/result';
import type { NodeId } from '@menglian/types/address';
import { appendOwn, commitAndTell } from './commit.js';
import { entryBytes } from './entry.js';
import type { AppendResponse, HeartbeatResponse } from './messages.js';
import type { Progress } from './progress.js';
import { voteOfQuorum } from './quorum.js';
import { sendAppend, sendAppends, sendSnapshot } from './replicate.js';
import { becomeFollower, becomeLeader } from './roles.js';
import { configurationOf, type RaftCore } from './state.js';
import { finishTransfer } from './transfer.js';

export type ProposeReason = 'NotLeader' | 'Transferring' | 'TooMuchUncommitted';

/** Won: an empty entry of the new term commits whatever came before it (Raft §5.4.2). */
export function beginTerm(core: RaftCore): void {
  becomeLeader(core);
  appendOwn(core, { kind: 'noop' });
}

/** @returns the index of the new entry */
export function propose(core: RaftCore, data: Uint8Array): Result<number, ProposeReason> {
  if (core.role !== 'leader') return failure('NotLeader');
  if (core.transfer !== undefined) return failure('Transferring');
  const uncommitted = core.log.range(core.log.committed + 1, core.log.lastIndex);
  const uncommittedBytes = uncommitted.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (uncommittedBytes > 0 && uncommittedBytes + data.length > core.tuning.maxUncommittedBytes) {
    return failure('TooMuchUncommitted');
  }
  appendOwn(core, { kind: 'data', data });
  return success(core.log.lastIndex);
}

export function onAppendResponse(core: RaftCore, from: NodeId, message: AppendResponse): void {
  const progress = core.progress.get(from);
  if (progress === undefined) return;
  progress.isRecentlyActive = true;
  if (message.hint !== undefined) {
    onMismatch(core, from, progress, message);
    return;
  }
  // Cannot be from a follower of this term: it would mean that it stores what we never sent.
  if (message.index > core.log.lastIndex || message.received > core.log.lastIndex) return;
  const wasPaused = progress.isPaused;
  const isNews = progress.update(message.index);
  if (progress.mode === 'probe' && message.index === progress.match) progress.becomeReplicate(message.received);
  else if (progress.mode === 'snapshot' && progress.match + 1 >= core.log.firstIndex) {
    progress.becomeReplicate(message.received);
  }
  const hasTold = isNews && commitAndTell(core);
  if (core.role !== 'leader') return;
  if (!hasTold && wasPaused && !progress.isPaused) sendAppend(core, from, true);
  sendAppends(core, from);
  if (message.isRefused) return noteRefusal(core, from, message.index);
  core.refusals.delete(from);
  finishTransfer(core, from, progress);
}

/** Searches for the place where the logs part: each answer crosses a term (Raft §5.3, end). */
function onMismatch(core: RaftCore, from: NodeId, progress: Progress, message: AppendResponse): void {
  const { index, term } = message.hint!;
  const agreed = core.log.findConflict(index, term);
  if (!progress.reject(message.index, agreed)) return;
  if (progress.mode === 'replicate') progress.becomeProbe();
  sendAppend(core, from, true);
}

export function onHeartbeatResponse(core: RaftCore, from: NodeId, message: HeartbeatResponse): void {
  const progress = core.progress.get(from);
  if (progress === undefined) return;
  progress.isRecentlyActive = true;
  if (message.height > core.height) core.behind.push({ peer: from, height: message.height });
  if (progress.mode === 'snapshot') return sendSnapshot(core, from, progress);
  progress.isPaused = false;
  // Without entries to send this asks whether those in flight have arrived: lost ones are refused and sent again.
  if (progress.match < core.log.lastIndex || progress.mode === 'probe') sendAppend(core, from, true);
}

/** Steps down unless a quorum answered since the last check: whoever is cut off must not believe in itself. */
export function checkQuorum(core: RaftCore): void {
  const answered = new Map<NodeId, boolean>();
  for (const [nodeId, progress] of core.progress) {
    answered.set(nodeId, nodeId === core.nodeId || progress.isRecentlyActive);
    progress.isRecentlyActive = false;
  }
  if (voteOfQuorum(configurationOf(core), answered) === 'won') {
    core.quorumDueMs = core.nowMs + core.tuning.electionTimeoutMs;
    core.isExcused = false;
  } else becomeFollower(core, core.term, undefined);
}

/**
 * Followers that will never accept the entry after what they have. When no quorum is left that could, this leader gives
 * it up: only its own copy was counted here, so what is of this term may go from its log, and somebody else may lead.
 */
function noteRefusal(core: RaftCore, from: NodeId, index: number): void {
  core.refusals.add(from);
  const willing = new Map<NodeId, boolean>();
  for (const nodeId of core.progress.keys()) willing.set(nodeId, !core.refusals.has(nodeId));
  if (voteOfQuorum(configurationOf(core), willing) === 'won') return;
  becomeFollower(core, core.term, undefined);
  if (index >= core.log.committed && core.log.termAt(index + 1) === core.term) core.log.truncateAfter(index);
}
