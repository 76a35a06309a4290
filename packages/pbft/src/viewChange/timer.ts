/**
 * The one timer. It runs only while there is something to wait for, so an idle group never moves its view; and it
 * belongs to this replica alone: what it does at the end is to ask, and others follow only when f + 1 ask.
 */
import { backoffMs } from '@menglian/consensus-core/backoff';
import { leaderIndex } from '@menglian/consensus-core/leader';
import type { NodeId } from '@menglian/types/address';
import { frontier } from '../chain.js';
import { isGroupAhead, isQuorumReachable } from '../peers.js';
import { isViewStable, type Replica } from '../state.js';
import { suspectedSinceMs } from './suspicion.js';
import { areVoicesSplit, isViewWanted } from './support.js';

/** Starts waiting anew: something happened that deserves a full waiting time. */
export function restartTimer(replica: Replica): void {
  if (replica.timer.startedMs !== undefined) replica.timer.startedMs = replica.nowMs;
}

/** A block was certified or stored: waiting times go back to the base. */
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
  const suspectMs = suspectedSinceMs(replica, awaitedLeader(replica));
  const graceMs = Math.max(suspectMs ?? Infinity, startedMs) + replica.timing.leaderDownGraceMs;
  if (!isViewStable(replica) && areVoicesSplit(replica)) {
    return startedMs + Math.min(patienceMs, backoffMs(2 * replica.timing.leaderDownGraceMs, cycle, patienceMs));
  }
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
  const state = frontier(replica);
  if (state === undefined) return false;
  // While blocks are being stored, what waits in the pool may be what they hold.
  if (replica.pendingTransactions > 0 && state.height === replica.head.height + 1) return true;
  return state.round.candidate !== undefined || state.prepared !== undefined || state.decided !== undefined;
}

/** Who has to do something next: the leader of the height worked on, or of the view asked for. */
export function awaitedLeader(replica: Replica): NodeId {
  const { sealers, height } = replica.head;
  const next = isViewStable(replica) ? (frontier(replica)?.height ?? height + 1) : height + 1;
  return sealers[leaderIndex(next, replica.safety.toView, sealers.length)]!;
}
