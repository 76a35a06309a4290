import type { NodeId } from '@menglian/types/address';
import { WINDOW_HEIGHTS } from './limits.js';
import { peerOf, type Replica } from './replica.js';

/**
 * A peer speaks of a head above ours. A few blocks are the everyday case of a peer that was a moment faster, so they are
 * worth a word only when our head has not moved for an interval.
 */
export function hintBehind(replica: Replica, from: NodeId, height: number): void {
  const { head, core, timing } = replica;
  if (height <= head.height) return;
  const peer = peerOf(replica, from);
  if (peer.ahead === undefined || peer.ahead.ofHeight < head.height) {
    peer.ahead = { ofHeight: head.height, sinceMs: core.nowMs };
  }
  const isFar = height > head.height + WINDOW_HEIGHTS || core.pendingSnapshot !== undefined;
  if (!isFar && core.nowMs - peer.ahead.sinceMs < timing.hintIntervalMs) return;
  if (core.nowMs - peer.hintedMs < timing.hintIntervalMs) return;
  peer.hintedMs = core.nowMs;
  replica.effects.push({ kind: 'behind', height, peer: from });
}
