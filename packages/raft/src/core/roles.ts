/** From one role to another. Only here do term, vote, role and leader change. */
import { invariant } from '@menglian/base/invariant';
import type { NodeId } from '@menglian/types/address';
import { membersOf } from './configuration.js';
import { Progress } from './progress.js';
import { configurationOf, type RaftCore } from './state.js';
import { electionTimeoutMs } from './timeout.js';

/** Begins waiting for a leader anew, with another waiting time. */
export function resetElectionTimer(core: RaftCore): void {
  core.draws++;
  core.isExcused = false;
  const { electionTimeoutMs: baseMs } = core.tuning;
  core.electionDueMs = core.nowMs + electionTimeoutMs(baseMs, core.nodeId, core.term, core.draws);
}

/** @param leader of that term, if known */
export function becomeFollower(core: RaftCore, term: number, leader: NodeId | undefined): void {
  enterTerm(core, term);
  if (core.role !== 'follower' || core.leader !== leader) core.leaderMatched = 0;
  core.role = 'follower';
  core.leader = leader;
  resetElectionTimer(core);
}

export function becomePreCandidate(core: RaftCore): void {
  invariant(core.role !== 'leader', 'raft/leader-campaigns');
  prepareToCampaign(core);
  core.role = 'preCandidate';
}

export function becomeCandidate(core: RaftCore): void {
  invariant(core.role !== 'leader', 'raft/leader-campaigns');
  prepareToCampaign(core);
  enterTerm(core, core.term + 1);
  core.role = 'candidate';
  core.vote = core.nodeId;
}

/** Takes the role only; leader.ts begins the term. */
export function becomeLeader(core: RaftCore): void {
  invariant(core.role === 'candidate', 'raft/follower-becomes-leader');
  core.role = 'leader';
  core.leader = core.nodeId;
  core.progress = new Map();
  core.refusals.clear();
  core.transfer = undefined;
  core.heartbeatDueMs = core.nowMs + core.tuning.heartbeatIntervalMs;
  core.quorumDueMs = core.nowMs + core.tuning.electionTimeoutMs;
  followConfiguration(core);
}

/** A leader keeps exactly one progress for each member of the configuration in force, itself included. */
export function followConfiguration(core: RaftCore): void {
  const members = membersOf(configurationOf(core));
  for (const nodeId of core.progress.keys()) {
    if (!members.includes(nodeId)) core.progress.delete(nodeId);
  }
  for (const nodeId of members) {
    if (core.progress.has(nodeId)) continue;
    const progress = new Progress(core.log.lastIndex + 1, core.tuning.flow);
    // Nobody shall lose the leadership over a member that has not been given the time to answer.
    progress.isRecentlyActive = true;
    if (nodeId === core.nodeId) {
      progress.match = core.log.stable;
      progress.becomeReplicate(core.log.stable);
    }
    core.progress.set(nodeId, progress);
  }
}

/** Terms never fall, and each has one vote. */
function enterTerm(core: RaftCore, term: number): void {
  invariant(term >= core.term, 'raft/term-falls', `${core.term} to ${term}`);
  if (term > core.term) {
    core.term = term;
    core.vote = undefined;
  }
  core.votes.clear();
  core.progress.clear();
  core.transfer = undefined;
  core.refusedIndex = undefined;
  core.heartbeatDueMs = Number.POSITIVE_INFINITY;
  core.quorumDueMs = Number.POSITIVE_INFINITY;
}

/**
 * A candidate stands on what it answers for, and on nothing else: entries that were never accepted here may be such that
 * nobody can accept them, their transactions lost with their leader.
 */
function prepareToCampaign(core: RaftCore): void {
  core.log.truncateAfter(core.log.stable);
  core.leader = undefined;
  core.leaderMatched = 0;
  core.refusedIndex = undefined;
  core.votes.clear();
  resetElectionTimer(core);
}
