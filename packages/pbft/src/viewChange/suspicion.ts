/**
 * Which nodes seem to be gone. Local suspicion: it decides when a view is asked for, and which; never what is safe to vote
 * for (safety rule 12).
 */
import { leaderIndex } from '@menglian/consensus-core/leader';
import { maxFaulty } from '@menglian/consensus-core/quorum';
import type { NodeId } from '@menglian/types/address';
import { type Peer, peerOf, type Replica } from '../state.js';

/**
 * Since when a node has had no session to us, or from when on it has been silent for too long, or has been known to let its
 * turns pass, whatever else it says; undefined: it is there.
 */
export function suspectedSinceMs(replica: Replica, nodeId: NodeId): number | undefined {
  if (nodeId === replica.nodeId) return undefined;
  const peer = replica.peers.get(nodeId);
  const silentFromMs = (peer?.heardMs ?? replica.listeningSinceMs) + replica.timing.silenceMs;
  return Math.min(peer?.downSinceMs ?? Infinity, silentFromMs, isKnownToFail(replica, peer) ? 0 : Infinity);
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

function isSuspected(replica: Replica, nodeId: NodeId): boolean {
  return (suspectedSinceMs(replica, nodeId) ?? Infinity) <= replica.nowMs;
}

/** The next view to ask for: leaders that seem to be gone are passed over, at most f of them. */
export function nextViewToAsk(replica: Replica): number {
  const { sealers, height } = replica.head;
  let view = replica.safety.toView + 1;
  for (let passed = 0; passed < maxFaulty(sealers.length); passed++) {
    if (!isSuspected(replica, sealers[leaderIndex(height + 1, view, sealers.length)]!)) break;
    view++;
  }
  return view;
}
