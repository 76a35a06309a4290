/** A leader's log grows, its commit follows, and what depends on the commit happens. */
import { invariant } from '@menglian/base/invariant';
import { leaveJoint } from './confchange.js';
import { isJoint, isVoter } from './configuration.js';
import type { EntryContent } from './entry.js';
import { advanceCommit, broadcastAppends } from './replicate.js';
import { becomeFollower, followConfiguration } from './roles.js';
import type { RaftCore } from './state.js';
import { handOver } from './transfer.js';

/**
 * A leader's own entry counts as stored here at once: ready.ts hands it out to be written before anything that this
 * step says, so nobody hears of a commit that rests on it before it is durable.
 */
export function appendOwn(core: RaftCore, content: EntryContent): void {
  core.log.append({ index: core.log.lastIndex + 1, term: core.term, content });
  core.log.stabilise(core.log.lastIndex);
  if (content.kind === 'configuration') followConfiguration(core);
  const own = core.progress.get(core.nodeId);
  if (own !== undefined) {
    own.update(core.log.lastIndex);
    own.isRecentlyActive = true;
  }
  broadcastAppends(core);
  commitAndTell(core);
}

/** Commits what may be committed and tells everybody. @returns whether there was anything */
export function commitAndTell(core: RaftCore): boolean {
  if (!advanceCommit(core)) return false;
  core.refusals.clear();
  broadcastAppends(core);
  leaveJointWhenCommitted(core);
  return true;
}

/** Each advance of the commit may end a change, or our own membership. */
function leaveJointWhenCommitted(core: RaftCore): void {
  const { index, configuration } = core.log.configurationAt(core.log.lastIndex);
  if (index > core.log.committed) return;
  if (isJoint(configuration)) {
    const next = leaveJoint(configuration);
    invariant(next.ok, 'raft/leave-joint');
    appendOwn(core, { kind: 'configuration', configuration: next.value });
  } else if (!isVoter(configuration, core.nodeId)) {
    // The last act of a leader that has been voted out (thesis 4.2.2): tell whoever is furthest to take over.
    handOver(core);
    becomeFollower(core, core.term, undefined);
  }
}
