/**
 * Which nodes seem to be gone. Local suspicion: it decides when a view is asked for, and which; never what is safe to vote
 * for (safety rule 12).
 */
import { leaderIndex } from '@menglian/consensus-core/leader';
import { maxFaulty } from '@menglian/consensus-core/quorum';
import type { NodeId } from '@menglian/types/address';
import type { Replica } from '../state.js';

/** Since when a node has had no session to us, or from when on it has been silent for too long; undefined: it is there. */
export function suspectedSinceMs(replica: Replica, nodeId: NodeId): number | undefined {
  if (nodeId === replica.nodeId) return undefined;
  const peer = replica.peers.get(nodeId);
  const silentFromMs = (peer?.heardMs ?? replica.listeningSinceMs) + replica.timing.silenceMs;
  return Math.min(peer?.downSinceMs ?? Infinity, silentFromMs);
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
