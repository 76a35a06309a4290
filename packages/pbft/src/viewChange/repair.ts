/** Helping those who missed something, and asking for help: point to point, and bounded in time for each peer. */
import type { NodeId } from '@menglian/types/address';
import { emit, sendTo } from '../output.js';
import { certifiedHeight } from '../chain.js';
import { peerOf, type Replica } from '../state.js';

/** Shows a peer the proof of our view. */
export function offerNewView(replica: Replica, to: NodeId): void {
  const peer = peerOf(replica, to);
  if (replica.newView === undefined || !isDue(replica, peer.newViewSentMs)) return;
  peer.newViewSentMs = replica.nowMs;
  sendTo(replica, to, replica.newView);
}

/** A peer speaks of a view of our epoch: ask it for the proof if that is above ours. */
export function askForNewView(replica: Replica, from: NodeId, view: number): void {
  const peer = peerOf(replica, from);
  if (view <= replica.safety.view || view < replica.safety.toView || !isDue(replica, peer.newViewAskedMs)) return;
  peer.newViewAskedMs = replica.nowMs;
  sendTo(replica, from, { kind: 'newViewRequest', epoch: replica.safety.epoch, view });
}

/**
 * A peer speaks of a head above ours. What is certified here is only being stored, and one block more is the everyday case
 * of a peer that was a moment faster, so that is worth a word only when it lasts.
 */
export function hintBehind(replica: Replica, from: NodeId, height: number): void {
  const peer = peerOf(replica, from);
  if (height <= replica.head.height) return;
  peer.aheadSinceMs ??= replica.nowMs;
  const certified = certifiedHeight(replica);
  if (height <= certified || (height === certified + 1 && !isDue(replica, peer.aheadSinceMs))) return;
  if (!isDue(replica, peer.behindMs)) return;
  peer.behindMs = replica.nowMs;
  emit(replica, { kind: 'behind', height, peer: from });
}

function isDue(replica: Replica, lastMs: number): boolean {
  return replica.nowMs - lastMs >= replica.timing.replyIntervalMs;
}
