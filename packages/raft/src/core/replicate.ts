/** What a leader sends. */
import { invariant } from '@menglian/base/invariant';
import type { NodeId } from '@menglian/types/address';
import { entryBytes } from './entry.js';
import type { Progress } from './progress.js';
import { committedByQuorum } from './quorum.js';
import { configurationOf, type RaftCore, send } from './state.js';

/** Sends as much as flow control lets through. */
export function sendAppends(core: RaftCore, to: NodeId): void {
  while (sendAppend(core, to, false));
}

export function broadcastAppends(core: RaftCore): void {
  for (const nodeId of core.progress.keys()) {
    if (nodeId !== core.nodeId) sendAppend(core, nodeId, true);
  }
}

/**
 * One message, if flow control allows. @param evenEmpty also without entries: to tell of a commit, or to see whether
 * what was sent has arrived
 * @returns whether entries were sent and more may be
 */
export function sendAppend(core: RaftCore, to: NodeId, evenEmpty: boolean): boolean {
  const progress = core.progress.get(to);
  if (progress === undefined || !progress.maySend) return false;
  const previousIndex = progress.next - 1;
  const previousTerm = core.log.termAt(previousIndex);
  if (previousTerm === undefined) {
    sendSnapshot(core, to, progress);
    return false;
  }
  const entries =
    progress.mode === 'replicate' && progress.isWindowFull
      ? []
      : core.log.batch(progress.next, core.tuning.maxMessageBytes, core.tuning.maxMessageEntries);
  if (entries.length === 0 && !evenEmpty) return false;
  let bytes = 0;
  for (const entry of entries) bytes += entryBytes(entry);
  send(core, to, {
    kind: 'append',
    term: core.term,
    previous: { index: previousIndex, term: previousTerm },
    committed: core.log.committed,
    entries,
  });
  progress.noteSent(previousIndex + entries.length, entries.length, bytes);
  return entries.length > 0 && progress.maySend;
}

/** Names the place where our log begins; repeated with each heartbeat answer until the follower is there. */
export function sendSnapshot(core: RaftCore, to: NodeId, progress: Progress): void {
  const { index, term, configuration, height } = core.log.compaction;
  progress.becomeSnapshot(index);
  send(core, to, { kind: 'snapshot', term: core.term, at: { index, term }, configuration, height });
}

export function broadcastHeartbeats(core: RaftCore): void {
  core.heartbeatDueMs = core.nowMs + core.tuning.heartbeatIntervalMs;
  for (const [to, { match }] of core.progress) {
    if (to === core.nodeId) continue;
    const committed = Math.min(match, core.log.committed);
    send(core, to, { kind: 'heartbeat', term: core.term, committed, height: core.height });
  }
}

/**
 * The leader's commit rule: the highest index that a quorum has stored, if that entry is of this term; those before it
 * come with it (Raft §5.4.2: figure 8 is what happens otherwise). @returns whether the commit advanced
 */
export function advanceCommit(core: RaftCore): boolean {
  invariant(core.role === 'leader', 'raft/follower-commits');
  const index = committedByQuorum(configurationOf(core), (nodeId) => core.progress.get(nodeId)?.match ?? 0);
  if (index <= core.log.committed || core.log.termAt(index) !== core.term) return false;
  core.log.commitTo(index);
  return true;
}
