/** The ledger's head has risen, by our own commit or by block sync: the window slides. */
import type { ChainHead } from '@menglian/consensus-core/ports';
import { preparedKey } from '../certificate.js';
import type { Replica } from '../state.js';
import { adoptRequiredProposals, beginEpoch } from '../viewChange/enterView.js';
import { noteProgress } from '../viewChange/timer.js';
import { advance } from './advance.js';

export function onStored(replica: Replica, head: ChainHead): void {
  if (head.height <= replica.head.height) return;
  const isNewEpoch = head.order.epoch !== replica.head.order.epoch;
  replica.head = head;
  const ownIndex = head.sealers.indexOf(replica.nodeId);
  replica.ownIndex = ownIndex < 0 ? undefined : ownIndex;
  for (const [height, state] of replica.heights) {
    // What was ordered above the end of an epoch is void: other sealers, other settings.
    if (height > head.height && !isNewEpoch) continue;
    if (state.prepared !== undefined) replica.deletions.push({ key: preparedKey(height), value: undefined });
    replica.heights.delete(height);
  }
  replica.deletions.push(...replica.safety.forget(head.height));
  for (const peer of replica.peers.values()) if (peer.height <= head.height) peer.aheadSinceMs = undefined;
  if (isNewEpoch) beginEpoch(replica);
  noteProgress(replica);
  replica.replayFuture = true;
  adoptRequiredProposals(replica);
  advance(replica, head.height + 1);
}
