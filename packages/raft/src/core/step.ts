/** Advances a core by one message. The prologue is about terms (Raft §5.1); then the role decides. */
import type { NodeId } from '@menglian/types/address';
import { campaign, onVoteResponse } from './election.js';
import { onAppend, onHeartbeat } from './follower.js';
import { onAppendResponse, onHeartbeatResponse } from './leader.js';
import type { RaftMessage } from './messages.js';
import { becomeFollower, resetElectionTimer } from './roles.js';
import { onSnapshot } from './snapshot.js';
import { isElectable, type RaftCore, send } from './state.js';
import { answer, isProtected, onVoteRequest, tellIfRemoved } from './vote.js';

export function step(core: RaftCore, from: NodeId, message: RaftMessage): void {
  const isVoteRequest = message.kind === 'vote' || message.kind === 'preVote';
  if (isVoteRequest && message.term > core.term && isProtected(core, message)) {
    return tellIfRemoved(core, from, message);
  }
  if (message.term < core.term) return onOldTerm(core, from, message);
  if (message.term > core.term && raisesTerm(message)) becomeFollower(core, message.term, undefined);
  handle(core, from, message);
}

/** A pre-vote is about a term that nobody has entered, and so is the answer that grants it. */
function raisesTerm(message: RaftMessage): boolean {
  return message.kind !== 'preVote' && !(message.kind === 'preVoteResponse' && message.isGranted);
}

/**
 * Old messages are not looked at; only a leader or a candidate that has missed a term is told of it, or a node that has
 * moved its term while it was cut off could neither be led nor elected.
 */
function onOldTerm(core: RaftCore, from: NodeId, message: RaftMessage): void {
  const { term } = core;
  if (message.kind === 'append' || message.kind === 'heartbeat' || message.kind === 'snapshot') {
    send(core, from, { kind: 'heartbeatResponse', term, height: core.height });
  } else if (message.kind === 'preVote' || message.kind === 'vote') answer(core, from, message, term, false);
}

function handle(core: RaftCore, from: NodeId, message: RaftMessage): void {
  switch (message.kind) {
    case 'preVote':
    case 'vote':
      return onVoteRequest(core, from, message);
    case 'preVoteResponse':
    case 'voteResponse':
      return onVoteResponse(core, from, message);
    case 'append':
      if (follow(core, from)) onAppend(core, from, message);
      return;
    case 'heartbeat':
      if (follow(core, from)) onHeartbeat(core, from, message);
      return;
    case 'snapshot':
      if (follow(core, from)) onSnapshot(core, from, message);
      return;
    case 'appendResponse':
      if (core.role === 'leader') onAppendResponse(core, from, message);
      return;
    case 'heartbeatResponse':
      if (core.role === 'leader') onHeartbeatResponse(core, from, message);
      return;
    case 'timeoutNow':
      if (core.role === 'follower' && core.leader === from && isElectable(core)) campaign(core, true);
      return;
  }
}

/** Whoever sends appends in our term leads it. @returns false if that cannot be, because another one does */
function follow(core: RaftCore, from: NodeId): boolean {
  if (core.role === 'leader' || (core.leader !== undefined && core.leader !== from)) return false;
  if (core.role !== 'follower' || core.leader !== from) becomeFollower(core, core.term, from);
  core.leaderHeardMs = core.nowMs;
  core.removedAt = 0;
  resetElectionTimer(core);
  return true;
}
