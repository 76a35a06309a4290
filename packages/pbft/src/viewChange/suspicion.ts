/**
 * Which nodes seem to be gone. Local suspicion: it decides when a view is asked for, and which; never what is safe to vote
 * for (safety rule 12).
 */
import { leaderIndex } from '@menglian/consensus-core/leader';
import { maxFaulty } from '@menglian/consensus-core/quorum';
import type { NodeId } from '@menglian/types/address';
import { type Peer, peerOf, type Replica } from '../state.js';

/** Since when a node has had no session to us, or from when on it has been silent for too long; undefined: it is there. */
function goneSinceMs(replica: Replica, nodeId: NodeId): number | undefined {
  if (nodeId === replica.nodeId) return undefined;
  const peer = replica.peers.get(nodeId);
  const silentFromMs = (peer?.heardMs ?? replica.listeningSinceMs) + replica.timing.silenceMs;
  return Math.min(peer?.downSinceMs ?? Infinity, silentFromMs);
}

/** Since when a node has seemed to be gone, or to be of no use as a leader, whatever else it says. */
export function suspectedSinceMs(replica: Replica, nodeId: NodeId): number | undefined {
  return isKnownToFail(replica, replica.peers.get(nodeId)) ? 0 : goneSinceMs(replica, nodeId);
}

/** When f leaders in a row were of no use, the next one gets the whole waiting time: it may be we who are in a hurry. */
function isKnownToFail(replica: Replica, peer: Peer | undefined): boolean {
  return peer?.hasFailedTurn === true && replica.timer.cycle <= maxFaulty(replica.head.sealers.length);
}

/** Our patience with a leader has run out. At most f nodes are faulty; when more fail, it is something else. */
export function noteFailedTurn(replica: Replica, nodeId: NodeId): void {
  if (nodeId !== replica.nodeId) peerOf(replica, nodeId).hasFailedTurn = true;
  const { sealers } = replica.head;
  const failed = sealers.filter((sealer) => replica.peers.get(sealer)?.hasFailedTurn === true);
  if (failed.length <= maxFaulty(sealers.length)) return;
  for (const sealer of failed) peerOf(replica, sealer).hasFailedTurn = false;
}

/** It has led. */
export function noteTurnTaken(replica: Replica, nodeId: NodeId): void {
  const peer = replica.peers.get(nodeId);
  if (peer !== undefined) peer.hasFailedTurn = false;
}

/**
 * The next view to ask for: leaders that seem to be gone are passed over, at most f of them. Only what others see too counts
 * here, because all must come to the same view.
 */
export function nextViewToAsk(replica: Replica): number {
  const { sealers, height } = replica.head;
  let view = replica.safety.toView + 1;
  for (let passed = 0; passed < maxFaulty(sealers.length); passed++) {
    const leader = sealers[leaderIndex(height + 1, view, sealers.length)]!;
    if ((goneSinceMs(replica, leader) ?? Infinity) > replica.nowMs) break;
    view++;
  }
  return view;
}
