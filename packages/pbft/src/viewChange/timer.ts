/**
 * The one timer. It runs only while there is something to wait for, so an idle group never moves its view; and it
 * belongs to this replica alone: what it does at the end is to ask, and others follow only when f + 1 ask.
 */
import { backoffMs } from '@menglian/consensus-core/backoff';
import { leaderIndex } from '@menglian/consensus-core/leader';
import { isGroupAhead, isQuorumReachable } from '../peers.js';
import { isViewStable, nextHeight, type Replica } from '../state.js';
import { isViewWanted } from './support.js';

/** Starts waiting anew: something happened that deserves a full waiting time. */
export function restartTimer(replica: Replica): void {
  if (replica.timer.startedMs !== undefined) replica.timer.startedMs = replica.nowMs;
}

/** A block was stored: waiting times go back to the base. */
export function noteProgress(replica: Replica): void {
  replica.timer.cycle = 0;
  restartTimer(replica);
}

/** Starts or stops the timer as its conditions say. Call at the end of each step. */
export function settleTimer(replica: Replica): void {
  if (!isWaiting(replica)) replica.timer.startedMs = undefined;
  else replica.timer.startedMs ??= replica.nowMs;
}

/** When to give up on the leader waited for; undefined while nothing is waited for. */
export function timeoutAtMs(replica: Replica): number | undefined {
  const { startedMs, cycle } = replica.timer;
  if (startedMs === undefined) return undefined;
  const patienceMs = backoffMs(
    replica.head.settings.consensusTimeoutMs,
    cycle,
    Math.max(replica.timing.maximumTimeoutMs, replica.head.settings.consensusTimeoutMs),
  );
  const downSinceMs = leaderDownSinceMs(replica);
  if (downSinceMs === undefined) return startedMs + patienceMs;
  const graceMs = Math.max(downSinceMs, startedMs) + replica.timing.leaderDownGraceMs;
  return Math.min(startedMs + patienceMs, graceMs);
}

function isWaiting(replica: Replica): boolean {
  if (replica.ownIndex === undefined || !isWorkPending(replica)) return false;
  // Whoever lags, or is cut off, cannot judge a leader; asking for views in the dark would only leave it behind them.
  if (isGroupAhead(replica) || !isQuorumReachable(replica)) return false;
  // While a change is under way, its leader owes nothing until a quorum asks for it. This also keeps a lone suspicious
  // replica from running ahead of the group for ever.
  return isViewStable(replica) || isViewWanted(replica);
}

function isWorkPending(replica: Replica): boolean {
  const state = nextHeight(replica);
  if (state.committing) return false;
  if (replica.pendingTransactions > 0) return true;
  return state.round.digest !== undefined || state.prepared !== undefined || state.decided !== undefined;
}

function leaderDownSinceMs(replica: Replica): number | undefined {
  const { sealers, height } = replica.head;
  const leader = sealers[leaderIndex(height + 1, replica.safety.toView, sealers.length)]!;
  return replica.peers.get(leader)?.downSinceMs;
}
