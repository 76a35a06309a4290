import { VIEW_MESSAGE_INTERVAL_MS, VIEW_MESSAGES_AT_ONCE } from '../limits.js';
import { peerOf, type Replica } from '../state.js';
import type { NodeId } from '@menglian/types/address';

/** Takes one from what a peer may still send about views. @returns false when there is nothing left for now */
export function spendAllowance(replica: Replica, from: NodeId): boolean {
  const peer = peerOf(replica, from);
  const earned = Math.floor((replica.nowMs - peer.allowanceMs) / VIEW_MESSAGE_INTERVAL_MS);
  peer.allowance = Math.min(VIEW_MESSAGES_AT_ONCE, peer.allowance + earned);
  peer.allowanceMs += earned * VIEW_MESSAGE_INTERVAL_MS;
  if (peer.allowance === 0) return false;
  peer.allowance--;
  return true;
}
