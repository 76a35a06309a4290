/** Standing for election (Raft §5.2), after asking whether it makes sense (thesis 9.6). */
import type { NodeId } from '@menglian/types/address';
import { votersOf } from './configuration.js';
import { beginTerm } from './leader.js';
import type { VoteResponse } from './messages.js';
import { voteOfQuorum } from './quorum.js';
import { becomeCandidate, becomeFollower, becomePreCandidate } from './roles.js';
import { configurationOf, type RaftCore, send } from './state.js';

/** Asks for pre-votes: no term is raised before a majority would follow. */
export function askWhetherToCampaign(core: RaftCore): void {
  becomePreCandidate(core);
  askForVotes(core, 'preVote', core.term + 1, false);
}

/** @param isTransfer the leader told us to */
export function campaign(core: RaftCore, isTransfer: boolean): void {
  becomeCandidate(core);
  askForVotes(core, 'vote', core.term, isTransfer);
}

function askForVotes(core: RaftCore, kind: 'preVote' | 'vote', term: number, isTransfer: boolean): void {
  const last = core.log.stablePosition;
  for (const voter of votersOf(configurationOf(core))) {
    if (voter !== core.nodeId) send(core, voter, { kind, term, last, isTransfer });
  }
  core.votes.set(core.nodeId, true);
  countVotes(core);
}

export function onVoteResponse(core: RaftCore, from: NodeId, message: VoteResponse): void {
  const awaited = core.role === 'preCandidate' ? 'preVoteResponse' : 'voteResponse';
  if (message.removedAt > 0) core.removedAt = Math.max(core.removedAt, message.removedAt);
  if ((core.role !== 'preCandidate' && core.role !== 'candidate') || message.kind !== awaited) return;
  // An answer to an earlier round of pre-votes names another term.
  if (message.isGranted && message.term !== (core.role === 'preCandidate' ? core.term + 1 : core.term)) return;
  if (!core.votes.has(from)) core.votes.set(from, message.isGranted);
  countVotes(core);
}

function countVotes(core: RaftCore): void {
  switch (voteOfQuorum(configurationOf(core), core.votes)) {
    case 'won':
      if (core.role === 'preCandidate') campaign(core, false);
      else beginTerm(core);
      break;
    case 'lost':
      becomeFollower(core, core.term, undefined);
      break;
    case 'pending':
      break;
  }
}
