/** Time passes. */
import { askWhetherToCampaign } from './election.js';
import { checkQuorum } from './leader.js';
import { broadcastHeartbeats } from './replicate.js';
import { resetElectionTimer } from './roles.js';
import { isElectable, type RaftCore } from './state.js';

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
 * be read, so that time must count neither against the leader nor, at the leader, against its followers.
 */
function excuseStall(core: RaftCore, nowMs: number): void {
  const lateMs = nowMs - dueMs(core);
  if (!(lateMs > core.tuning.heartbeatIntervalMs)) return;
  if (core.role === 'leader') core.quorumDueMs += lateMs;
  else core.electionDueMs += lateMs;
}
