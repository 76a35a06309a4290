/** Changes of the configuration, as pure functions. A result keeps every rule of `Configuration`, or is a refusal. */
import { invariant } from '@menglian/base/invariant';
import { failure, type Result, success } from '@menglian/base/result';
import type { NodeId } from '@menglian/types/address';
import { type Configuration, isJoint, sorted } from './configuration.js';

export interface ConfigurationChange {
  readonly kind: 'addVoter' | 'addLearner' | 'remove';
  readonly nodeId: NodeId;
}

export type ChangeReason = 'AlreadyJoint' | 'NotJoint' | 'NoVoters' | 'MoreThanOneVoter';

/** Begins a change of any size: decisions need both the old and the new majority until `leaveJoint`. */
export function enterJoint(
  configuration: Configuration,
  changes: readonly ConfigurationChange[],
): Result<Configuration, ChangeReason> {
  if (isJoint(configuration)) return failure('AlreadyJoint');
  const outgoing = configuration.voters;
  const target = applyChanges(configuration, changes);
  if (target.voters.size === 0) return failure('NoVoters');
  const learners = [...target.learners];
  return checked({
    epoch: configuration.epoch,
    voters: sorted(target.voters),
    outgoing,
    learners: sorted(learners.filter((nodeId) => !outgoing.includes(nodeId))),
    learnersNext: sorted(learners.filter((nodeId) => outgoing.includes(nodeId))),
  });
}

export function leaveJoint(configuration: Configuration): Result<Configuration, ChangeReason> {
  if (!isJoint(configuration)) return failure('NotJoint');
  const { voters, learners, learnersNext, epoch } = configuration;
  return checked({ epoch, voters, outgoing: [], learners: sorted([...learners, ...learnersNext]), learnersNext: [] });
}

/**
 * A change in one step: safe because two majorities of sets that differ by one node overlap. Needs the leader to have
 * committed an entry of its own term first (the correction of 2015 to the thesis, 4.1).
 */
export function changeOne(
  configuration: Configuration,
  changes: readonly ConfigurationChange[],
): Result<Configuration, ChangeReason> {
  if (isJoint(configuration)) return failure('AlreadyJoint');
  const target = applyChanges(configuration, changes);
  if (target.voters.size === 0) return failure('NoVoters');
  const old = new Set(configuration.voters);
  const added = [...target.voters].filter((nodeId) => !old.has(nodeId)).length;
  const removed = [...old].filter((nodeId) => !target.voters.has(nodeId)).length;
  if (added + removed > 1) return failure('MoreThanOneVoter');
  return checked({
    epoch: configuration.epoch,
    voters: sorted(target.voters),
    outgoing: [],
    learners: sorted(target.learners),
    learnersNext: [],
  });
}

function applyChanges(
  configuration: Configuration,
  changes: readonly ConfigurationChange[],
): { readonly voters: Set<NodeId>; readonly learners: Set<NodeId> } {
  const voters = new Set(configuration.voters);
  const learners = new Set(configuration.learners);
  for (const { kind, nodeId } of changes) {
    voters.delete(nodeId);
    learners.delete(nodeId);
    if (kind === 'addVoter') voters.add(nodeId);
    else if (kind === 'addLearner') learners.add(nodeId);
  }
  return { voters, learners };
}

function checked(configuration: Configuration): Result<Configuration, ChangeReason> {
  const { voters, outgoing, learners, learnersNext } = configuration;
  invariant(voters.length > 0, 'raft/no-voters');
  for (const learner of learners) {
    invariant(!voters.includes(learner) && !outgoing.includes(learner), 'raft/learner-votes', learner);
  }
  for (const learner of learnersNext) {
    invariant(outgoing.includes(learner) && !voters.includes(learner), 'raft/learner-next', learner);
  }
  return success(configuration);
}
