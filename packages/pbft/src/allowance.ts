/**
 * What a peer may cost. Each message about views, and each false signature, costs signature checks that bring nothing; a
 * hostile replica could send them without pause (CVE-2022-26534). Honest replicas send few of the one and none of the other,
 * and repeat what matters. The two are counted apart, so that a flood of the one does not silence what else a peer says.
 */
import type { NodeId } from '@menglian/types/address';
import { ALLOWANCE_AT_ONCE, ALLOWANCE_INTERVAL_MS } from './limits.js';
import { peerOf, refuse, type Replica } from './state.js';

/** So many at once, and another one each interval. */
export interface Allowance {
  left: number;
  reckonedMs: number;
}

function isLeft(replica: Replica, allowance: Allowance): boolean {
  const earned = Math.floor((replica.nowMs - allowance.reckonedMs) / ALLOWANCE_INTERVAL_MS);
  allowance.left = Math.min(ALLOWANCE_AT_ONCE, allowance.left + earned);
  allowance.reckonedMs += earned * ALLOWANCE_INTERVAL_MS;
  return allowance.left > 0;
}

/** Counts a message about views. @returns false when the peer has sent too many of them for now */
export function mayConcernViews(replica: Replica, from: NodeId): boolean {
  const allowance = peerOf(replica, from).viewMessages;
  if (!isLeft(replica, allowance)) return false;
  allowance.left--;
  return true;
}

/** False while the peer has sent too many false signatures to be listened to. */
export function maySign(replica: Replica, from: NodeId): boolean {
  return isLeft(replica, peerOf(replica, from).falseSignatures);
}

/** A signature that the peer itself sent and that does not hold: a bug, or an attack on our time. */
export function refuseSignature(replica: Replica, from: NodeId): void {
  peerOf(replica, from).falseSignatures.left--;
  refuse(replica, 'badSignature');
}
