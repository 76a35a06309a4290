/**
 * A follower that needs what the leader's log no longer has. Nothing of the application travels here: the leader names
 * a place in the log and the height that stands for it, the application fetches that height by its own means.
 */
import type { NodeId } from '@menglian/types/address';
import { acknowledge } from './follower.js';
import type { Snapshot } from './messages.js';
import { resetElectionTimer } from './roles.js';
import type { RaftCore } from './state.js';

export function onSnapshot(core: RaftCore, from: NodeId, message: Snapshot): void {
  core.pendingSnapshot = { from, message };
  installSnapshot(core);
  if (core.pendingSnapshot !== undefined && message.height > core.height) {
    core.behind.push({ peer: from, height: message.height });
  }
}

/** Takes the pending snapshot if the application has come far enough. Call when its height has risen. */
export function installSnapshot(core: RaftCore): void {
  const pending = core.pendingSnapshot;
  if (pending === undefined) return;
  const { log } = core;
  const { at, configuration, height } = pending.message;
  // A log that reaches the place and agrees there needs nothing but the news that it is committed; what follows may have
  // been acknowledged. An old one does not even tell that: what is committed here is equal in every log.
  const isHere = at.index <= log.committed || log.termAt(at.index) === at.term;
  if (!isHere && core.height < height) return;
  core.pendingSnapshot = undefined;
  if (!isHere) {
    log.reset({ ...at, configuration, height });
    core.recorded.mustWrite = true;
    resetElectionTimer(core);
  }
  core.knownCommitted = Math.max(core.knownCommitted, at.index);
  log.commitTo(Math.max(log.committed, Math.min(core.knownCommitted, log.stable)));
  if (core.leader !== pending.from) return;
  core.leaderMatched = Math.max(core.leaderMatched, at.index);
  acknowledge(core);
}
