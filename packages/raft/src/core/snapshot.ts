/**
 * A follower that needs what the leader's log no longer has. Nothing of the application travels here: the leader names
 * a place in the log and the height that stands for it, the application fetches that height by its own means.
 */
import type { NodeId } from '@menglian/types/address';
import type { Snapshot } from './messages.js';
import { resetElectionTimer } from './roles.js';
import { type RaftCore, send } from './state.js';

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
  const { at, configuration, height } = pending.message;
  // An old one tells nothing new: what is committed here is equal in every log.
  const isOld = at.index <= core.log.committed;
  if (!isOld && core.height < height) return;
  core.pendingSnapshot = undefined;
  if (!isOld) {
    core.log.reset({ ...at, configuration, height });
    core.knownCommitted = Math.max(core.knownCommitted, at.index);
    core.recorded.mustWrite = true;
    resetElectionTimer(core);
  }
  if (core.leader !== pending.from) return;
  core.leaderMatched = Math.max(core.leaderMatched, core.log.committed);
  send(core, pending.from, {
    kind: 'appendResponse',
    term: core.term,
    index: core.log.committed,
    received: core.log.committed,
    hint: undefined,
    isRefused: false,
  });
}
