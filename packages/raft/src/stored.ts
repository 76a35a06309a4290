/** The ledger's head has risen, by our own commit or by block sync: the window slides, the log may be cut. */
import type { ChainHead } from '@menglian/consensus-core/ports';
import { entryBytes } from './core/entry.js';
import { installSnapshot } from './core/snapshot.js';
import { forgiveUpTo } from './evidence.js';
import { ACCUSATION_HEIGHTS, COMPACTION_STEP_ENTRIES, LOG_TAIL_BYTES, LOG_TAIL_ENTRIES } from './limits.js';
import { settleEntries } from './line.js';
import type { Replica } from './replica.js';

export function onStored(replica: Replica, head: ChainHead): void {
  if (head.height <= replica.head.height) return;
  replica.head = head;
  replica.core.height = head.height;
  for (const [key, { proposal }] of replica.blocks) if (proposal.height <= head.height) replica.blocks.delete(key);
  for (const height of replica.results.keys()) if (height <= head.height) replica.results.delete(height);
  for (const height of replica.ownResults.keys()) if (height <= head.height) replica.ownResults.delete(height);
  forgiveUpTo(replica, head.height - ACCUSATION_HEIGHTS);
  replica.deletions.push(...replica.safety.forget(head.height));
  installSnapshot(replica.core);
}

/** Drops old entries, but for a tail that followers a little behind can still be given. */
export function compactLog(replica: Replica): void {
  settleEntries(replica);
  const { log } = replica.core;
  const settled = Math.min(replica.settledIndex, log.committed);
  let index = settled;
  let bytes = 0;
  while (index > log.compaction.index && settled - index < LOG_TAIL_ENTRIES && bytes < LOG_TAIL_BYTES) {
    bytes += entryBytes(log.entry(index)!);
    index--;
  }
  // What the entries up to there mean is at or below the head: a follower that has the head needs none of them.
  if (index - log.compaction.index >= COMPACTION_STEP_ENTRIES) log.compactTo(index, replica.head.height);
}
