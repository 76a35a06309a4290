/** Giving votes. */
import type { NodeId } from '@menglian/types/address';
import { isJoint, isMember } from './configuration.js';
import type { LogPosition } from './entry.js';
import type { VoteRequest, VoteResponse } from './messages.js';
import { resetElectionTimer } from './roles.js';
import { type RaftCore, send } from './state.js';

/**
 * A leader that is there is protected: while one was heard of within the shortest election timeout, requests are not
 * even looked at (thesis 4.2.3), whatever their term. Only the leader itself may ask for an election.
 */
export function isProtected(core: RaftCore, request: VoteRequest): boolean {
  if (request.isTransfer || core.leader === undefined) return false;
  if (core.role === 'leader') return true;
  return core.nowMs - core.leaderHeardMs < core.tuning.electionTimeoutMs;
}

/** Tells a node that asks for votes and is in no configuration any more: nobody sends it the log that would say so. */
export function tellIfRemoved(core: RaftCore, from: NodeId, request: VoteRequest): void {
  if (removedAt(core, from) > 0) answer(core, from, request, core.term, false);
}

/** A request of our term, or a pre-vote of a later one. Votes are for anybody who asks: we may not know it is a voter. */
export function onVoteRequest(core: RaftCore, from: NodeId, request: VoteRequest): void {
  const { kind, term } = request;
  const isFree =
    core.vote === from ||
    (core.vote === undefined && core.leader === undefined) ||
    (kind === 'preVote' && term > core.term);
  const isGranted = isFree && isUpToDate(core, request.last);
  if (!isGranted) return answer(core, from, request, core.term, false);
  if (kind === 'vote') {
    core.vote = from;
    resetElectionTimer(core);
  }
  answer(core, from, request, term, true);
}

/** Raft §5.4.1: the later term wins, then the longer log. Ours is what we answer for. */
function isUpToDate(core: RaftCore, last: LogPosition): boolean {
  const own = core.log.stablePosition;
  return last.term > own.term || (last.term === own.term && last.index >= own.index);
}

export function answer(core: RaftCore, to: NodeId, request: VoteRequest, term: number, isGranted: boolean): void {
  const kind: VoteResponse['kind'] = request.kind === 'vote' ? 'voteResponse' : 'preVoteResponse';
  send(core, to, { kind, term, isGranted, removedAt: isGranted ? 0 : removedAt(core, to) });
}

/** Index of our latest configuration if it is committed, final, and without that node; else 0. */
function removedAt(core: RaftCore, nodeId: NodeId): number {
  const { index, configuration } = core.log.configurationAt(core.log.stable);
  const isFinal = index <= core.log.committed && !isJoint(configuration);
  return isFinal && !isMember(configuration, nodeId) ? index : 0;
}
