/**
 * What a peer may cost. Each message about views, and each false signature, costs signature checks that bring nothing; a
 * hostile replica could send them without pause (CVE-2022-26534). Beyond its allowance a peer is not listened to for a
 * moment. Honest replicas send few of the one and none of the other, and repeat what matters.
 */
import type { NodeId } from '@menglian/types/address';
import { ALLOWANCE_AT_ONCE, ALLOWANCE_INTERVAL_MS } from './limits.js';
import { peerOf, refuse, type Replica } from './state.js';

export function hasAllowance(replica: Replica, from: NodeId): boolean {
  const peer = peerOf(replica, from);
  const earned = Math.floor((replica.nowMs - peer.allowanceMs) / ALLOWANCE_INTERVAL_MS);
  peer.allowance = Math.min(ALLOWANCE_AT_ONCE, peer.allowance + earned);
  peer.allowanceMs += earned * ALLOWANCE_INTERVAL_MS;
  return peer.allowance > 0;
}

/** Takes one from what a peer may still cost. @returns false when there is nothing left for now */
export function spendAllowance(replica: Replica, from: NodeId): boolean {
  if (!hasAllowance(replica, from)) return false;
  peerOf(replica, from).allowance--;
  return true;
}

/** A signature that the peer itself sent and that does not hold: a bug, or an attack on our time. */
export function refuseSignature(replica: Replica, from: NodeId): void {
  spendAllowance(replica, from);
  refuse(replica, 'badSignature');
}
