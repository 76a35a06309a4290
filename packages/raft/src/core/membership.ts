/** Changing who votes (Raft §6): joint consensus, one change at a time, begun and ended by the leader. */
import { failure, type Result, success } from '@menglian/base/result';
import type { NodeId } from '@menglian/types/address';
import { type Configuration, isJoint } from './configuration.js';
import { appendOwn } from './commit.js';
import { changeOne, type ChangeReason, type ConfigurationChange, enterJoint } from './confchange.js';
import { configurationOf, type RaftCore } from './state.js';

export type MembershipReason =
  | ChangeReason
  | 'NotLeader'
  | 'Transferring'
  | 'ChangePending'
  | 'TermNotCommitted'
  | 'OlderEpoch';

/** Why no change may begin now; undefined when one may. */
export function membershipObstacle(core: RaftCore): MembershipReason | undefined {
  if (core.role !== 'leader') return 'NotLeader';
  if (core.transfer !== undefined) return 'Transferring';
  const { index, configuration } = core.log.configurationAt(core.log.lastIndex);
  if (index > core.log.committed || isJoint(configuration)) return 'ChangePending';
  // Until then an older leader's change may still be alive somewhere (the correction of 2015 to thesis 4.1).
  if (core.log.termAt(core.log.committed) !== core.term) return 'TermNotCommitted';
  return undefined;
}

/** Begins a change; it holds from the moment it is appended. Voters change jointly, learners in one step. */
export function proposeMembership(
  core: RaftCore,
  changes: readonly ConfigurationChange[],
  epoch: number,
): Result<Configuration, MembershipReason> {
  const obstacle = membershipObstacle(core);
  if (obstacle !== undefined) return failure(obstacle);
  const current = configurationOf(core);
  if (epoch < current.epoch) return failure('OlderEpoch');
  const touchesVoters = changes.some(({ kind, nodeId }) => kind === 'addVoter' || current.voters.includes(nodeId));
  const next = touchesVoters ? enterJoint(current, changes) : changeOne(current, changes);
  if (!next.ok) return next;
  const configuration = { ...next.value, epoch };
  appendOwn(core, { kind: 'configuration', configuration });
  return success(configuration);
}

/** Whether a learner is there, and has come close enough to count. */
export function isCaughtUp(core: RaftCore, nodeId: NodeId): boolean {
  const progress = core.progress.get(nodeId);
  if (progress === undefined || progress.mode !== 'replicate' || !progress.isRecentlyActive) return false;
  return progress.match + core.tuning.promotionLagEntries >= core.log.committed;
}
