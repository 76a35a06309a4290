/** Time passes. */
import { askWhetherToCampaign } from './election.js';
import { checkQuorum } from './leader.js';
import { broadcastHeartbeats } from './replicate.js';
import { resetElectionTimer } from './roles.js';
import type { NodeId } from '@menglian/types/address';
import { votersOf } from './configuration.js';
import { configurationOf, isElectable, type RaftCore } from './state.js';

export function tick(core: RaftCore, nowMs: number): void {
  excuseStall(core, nowMs);
  core.nowMs = Math.max(core.nowMs, nowMs);
  if (core.electionDueMs === Number.POSITIVE_INFINITY) resetElectionTimer(core);
  if (core.role === 'leader') tickLeader(core);
  else if (core.electionDueMs <= core.nowMs) {
    if (isElectable(core)) askWhetherToCampaign(core);
    else resetElectionTimer(core);
  }
}

function tickLeader(core: RaftCore): void {
  if (core.transfer !== undefined && core.transfer.untilMs <= core.nowMs) core.transfer = undefined;
  if (core.quorumDueMs <= core.nowMs) checkQuorum(core);
  if (core.role === 'leader' && core.heartbeatDueMs <= core.nowMs) broadcastHeartbeats(core);
}

/** When something is due next. */
export function dueMs(core: RaftCore): number {
  if (core.role !== 'leader') return core.electionDueMs;
  return Math.min(core.heartbeatDueMs, core.quorumDueMs, core.transfer?.untilMs ?? Number.POSITIVE_INFINITY);
}

/**
 * A tick that comes much later than due means that this process did not run. What the others said meanwhile is still to
 * be read, so there is a moment's grace before that time counts against the leader or, at the leader, against its
 * followers. Once for each wait, or a process that is always late would never notice anything.
 */
function excuseStall(core: RaftCore, nowMs: number): void {
  const { heartbeatIntervalMs } = core.tuning;
  if (core.isExcused || !(nowMs - dueMs(core) > heartbeatIntervalMs)) return;
  core.isExcused = true;
  const graceMs = nowMs + 2 * heartbeatIntervalMs;
  if (core.role === 'leader') core.quorumDueMs = Math.max(core.quorumDueMs, graceMs);
  else core.electionDueMs = Math.max(core.electionDueMs, graceMs);
}

/**
 * The last connection to a node is gone. If it leads, it need not be protected any more, and the others stand one after
 * another, a heartbeat apart: all see the same, so they need no chance to keep them from standing at once. The leader's
 * next heartbeat, should there be one, makes all that undone.
 */
export function noteLeaderGone(core: RaftCore, nodeId: NodeId): void {
  if (core.role !== 'follower' || core.leader !== nodeId) return;
  core.leaderHeardMs = Number.NEGATIVE_INFINITY;
  const others = votersOf(configurationOf(core)).filter((voter) => voter !== nodeId);
  const index = others.indexOf(core.nodeId);
  if (index < 0) return;
  const place = (index + core.term) % others.length;
  core.electionDueMs = Math.min(core.electionDueMs, core.nowMs + core.tuning.heartbeatIntervalMs * (1 + place));
}
