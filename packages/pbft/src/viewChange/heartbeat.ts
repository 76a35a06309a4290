/** A small signed status once an interval: how replicas find the view and the height again, and repeat what got lost. */
import { equalBytes } from '@menglian/base/bytes';
import type { NodeId } from '@menglian/types/address';
import type { Heartbeat, NewViewRequest } from '../messages.js';
import { broadcast, broadcastPayload, emit } from '../output.js';
import { heartbeatDigest } from '../signing.js';
import { hashOf, heightsFrom, peerOf, refuse, type Replica } from '../state.js';
import { askForNewView, hintBehind, offerNewView } from './repair.js';

export function sendHeartbeat(replica: Replica): void {
  replica.heartbeatDueMs = replica.nowMs + replica.timing.heartbeatIntervalMs;
  if (replica.ownIndex === undefined) return;
  const { height, hash } = replica.head;
  const { epoch, view, toView } = replica.safety;
  const content = { kind: 'heartbeat', height, hash, epoch, view, toView } as const;
  const signature = replica.crypto.sign(heartbeatDigest(replica.crypto, replica.group, content));
  broadcast(replica, { ...content, signature });
  repeatOwnMessages(replica);
}

/** Messages may be lost at any time; what has stayed without effect for an interval is said again. */
function repeatOwnMessages(replica: Replica): void {
  const { ownViewChange, nowMs, timing } = replica;
  const isOld = (sentMs: number): boolean => nowMs - sentMs >= timing.heartbeatIntervalMs;
  if (ownViewChange !== undefined && isOld(ownViewChange.sentMs)) broadcastPayload(replica, ownViewChange.payload);
  for (const { round, checkpointPayload, committing } of heightsFrom(replica, replica.head.height + 1)) {
    if (committing || !isOld(round.sentMs)) continue;
    for (const payload of [round.sent.prePrepare, round.sent.prepare, round.sent.commit, checkpointPayload]) {
      if (payload !== undefined) broadcastPayload(replica, payload);
    }
  }
}

export function onHeartbeat(replica: Replica, from: NodeId, message: Heartbeat): void {
  const { height, hash, epoch, view } = message;
  const digest = heartbeatDigest(replica.crypto, replica.group, message);
  if (!replica.signatures.verify(from, digest, message.signature)) return refuse(replica, 'badSignature');
  const peer = peerOf(replica, from);
  peer.view = view;
  peer.height = height;
  if (height > replica.head.height) hintBehind(replica, from, height);
  else {
    peer.aheadSinceMs = undefined;
    const ownHash = hashOf(replica, height);
    if (ownHash !== undefined && !equalBytes(ownHash, hash)) reportOtherChain(replica, from, height, ownHash, hash);
  }
  // Whoever is in another epoch needs blocks first, or we do.
  if (epoch !== replica.safety.epoch) return;
  if (view < replica.safety.view) offerNewView(replica, from);
  else askForNewView(replica, from, view);
}

function reportOtherChain(
  replica: Replica,
  nodeId: NodeId,
  height: number,
  ownHash: Uint8Array,
  otherHash: Uint8Array,
): void {
  const peer = peerOf(replica, nodeId);
  if (replica.nowMs - peer.otherChainMs < replica.timing.maximumTimeoutMs) return;
  peer.otherChainMs = replica.nowMs;
  emit(replica, { kind: 'evidence', evidence: { kind: 'differentChain', nodeId, height, ownHash, otherHash } });
}

export function onNewViewRequest(replica: Replica, from: NodeId, message: NewViewRequest): void {
  const { epoch, view } = replica.safety;
  if (epoch === message.epoch && view >= message.view) offerNewView(replica, from);
}
