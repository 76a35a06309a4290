/** The follower's part. */
import type { NodeId } from '@menglian/types/address';
import type { Append, Heartbeat } from './messages.js';
import { type RaftCore, send } from './state.js';

export function onAppend(core: RaftCore, from: NodeId, message: Append): void {
  const { previous, entries } = message;
  // Everything up to the commit is equal in all logs. What is older may be compacted away, and needs no look.
  if (previous.index < core.log.committed) {
    core.leaderMatched = Math.max(core.leaderMatched, core.log.committed);
    return acknowledge(core);
  }
  const outcome = core.log.appendAfter(previous, entries);
  if (outcome === 'broken') return;
  if (outcome === 'mismatch') {
    const index = core.log.findConflict(previous.index, previous.term);
    send(core, from, {
      kind: 'appendResponse',
      term: core.term,
      index: previous.index,
      received: 0,
      hint: { index, term: core.log.termAt(index) ?? 0 },
      isRefused: false,
    });
    return;
  }
  const lastMatched = previous.index + entries.length;
  core.leaderMatched = Math.max(core.leaderMatched, lastMatched);
  learnCommit(core, Math.min(message.committed, lastMatched));
  acknowledge(core);
}

/**
 * A heartbeat names no commit beyond what this node has acknowledged to this leader in this term, and what was acknowledged
 * stays: so our log equals the leader's up to there, even if we have forgotten it by a restart or a vain campaign. Nobody
 * else would tell us, for a leader whose followers have everything sends no appends.
 */
export function onHeartbeat(core: RaftCore, from: NodeId, message: Heartbeat): void {
  if (message.height > core.height) core.behind.push({ peer: from, height: message.height });
  core.leaderMatched = Math.max(core.leaderMatched, Math.min(message.committed, core.log.stable));
  learnCommit(core, Math.min(message.committed, core.leaderMatched));
  send(core, from, { kind: 'heartbeatResponse', term: core.term, height: core.height });
}

/** The group has committed `index`, and our log matches up to there. We follow as far as we answer for our log. */
function learnCommit(core: RaftCore, index: number): void {
  core.knownCommitted = Math.max(core.knownCommitted, index);
  core.log.commitTo(Math.min(core.knownCommitted, core.log.stable));
}

/** Says how far our log is stored and equal to the leader's. */
export function acknowledge(core: RaftCore): void {
  const { stable } = core.log;
  const leader = core.leader!;
  // One step may have more to say than the last: the latest word covers those before it.
  core.outbox = core.outbox.filter(
    ({ to, message }) => to !== leader || message.kind !== 'appendResponse' || message.hint !== undefined,
  );
  send(core, leader, {
    kind: 'appendResponse',
    term: core.term,
    index: Math.min(stable, core.leaderMatched),
    received: core.leaderMatched,
    hint: undefined,
    isRefused: core.refusedIndex === stable + 1,
  });
}

/** The application has accepted everything up to `index`: it may be answered for. */
export function accept(core: RaftCore, index: number): void {
  if (index <= core.log.stable) return;
  core.log.stabilise(index);
  core.log.commitTo(Math.max(core.log.committed, Math.min(core.knownCommitted, index)));
  if (core.role === 'follower' && core.leader !== undefined) acknowledge(core);
}

/** The application will never accept the first entry that it has not accepted yet, unless the group commits it. */
export function refuse(core: RaftCore): void {
  core.refusedIndex = core.log.stable + 1;
  if (core.role === 'follower' && core.leader !== undefined) acknowledge(core);
}
