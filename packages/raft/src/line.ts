/**
 * What the log's entries mean for the chain. Proposals are chained by digest; a proposal whose turn comes in a later
 * epoch than its own is void. Both are functions of the log up to that entry and of what execution gave, so every node
 * reads the same line out of the same log.
 */
import { equalBytes } from '@menglian/base/bytes';
import { type Block, blockOf, proposalOf, type Replica } from './replica.js';

/** A proposal that continues the chain. */
export interface Place {
  readonly index: number;
  readonly block: Block;
  readonly parentTimestampMs: number;
}

export interface Line {
  /** Ascending by height, without a gap, from head + 1 on. */
  readonly places: readonly Place[];
  /** The first entry whose meaning depends on what is not known yet; undefined if all are clear. */
  readonly unclearIndex: number | undefined;
  /** What the next proposal builds on. */
  readonly tip: Tip;
}

interface Tip {
  readonly height: number;
  readonly digest: Uint8Array;
  readonly epoch: number;
  readonly timestampMs: number;
}

export function lineOf(replica: Replica): Line {
  const { core, head } = replica;
  const places: Place[] = [];
  let tip: Tip = { height: head.height, ...head.order, timestampMs: head.timestampMs };
  // All of the tip's ancestors are executed, so its epoch is not a guess.
  let isCertain = true;
  for (let index = firstUnsettled(replica); index <= core.log.lastIndex; index++) {
    const entry = core.log.entry(index)!;
    if (entry.content.kind !== 'data') continue;
    const decoded = proposalOf(replica, entry);
    const { proposal, digest } = decoded;
    if (proposal.height <= head.height) continue;
    const isNext = proposal.height === tip.height + 1 && equalBytes(proposal.parentDigest, tip.digest);
    if (isNext && proposal.epoch === tip.epoch) {
      const block = blockOf(replica, decoded);
      places.push({ index, block, parentTimestampMs: tip.timestampMs });
      const epoch = block.result?.endsEpoch === true ? proposal.height : proposal.epoch;
      isCertain &&= block.result !== undefined;
      tip = { height: proposal.height, digest, epoch, timestampMs: proposal.timestampMs };
      continue;
    }
    const isVoid = proposal.epoch < tip.epoch || (proposal.epoch === tip.epoch && proposal.height <= tip.height + 1);
    if (!isCertain || !isVoid) return { places, unclearIndex: index, tip };
  }
  return { places, unclearIndex: undefined, tip };
}

/** Moves past entries that are committed and no longer say anything about heights above the head. */
export function settleEntries(replica: Replica): void {
  const { log } = replica.core;
  for (let index = firstUnsettled(replica); index <= log.committed; index++) {
    const entry = log.entry(index)!;
    if (entry.content.kind === 'data') {
      if (proposalOf(replica, entry).proposal.height > replica.head.height) return;
      replica.decoded.delete(entry);
    }
    replica.settledIndex = index;
  }
}

function firstUnsettled(replica: Replica): number {
  return Math.max(replica.settledIndex, replica.core.log.compaction.index) + 1;
}
