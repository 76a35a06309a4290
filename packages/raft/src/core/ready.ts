/**
 * What a core asks for after a step, in the order it must happen: first `write`, durably, then everything else. Every
 * answer that depends on what is written is in the same `messages`, so "acknowledged, therefore durable" holds by order.
 */
import type { Entry } from './entry.js';
import type { CompactionPoint } from './log.js';
import type { Outgoing } from './messages.js';
import type { HardState, RaftCore } from './state.js';
import type { NodeId } from '@menglian/types/address';

export interface LogBounds {
  readonly compactionIndex: number;
  readonly lastIndex: number;
}

export interface Write {
  readonly hardState: HardState;
  /** Where the log on disk begins and ends after this write, to notice at the next start if any of it is missing. */
  readonly bounds: LogBounds;
  /** Entries to put, by their index, over what may be there. */
  readonly entries: readonly Entry[];
  /** Present when the compaction point has moved, and in the first write of a node. */
  readonly compaction: CompactionPoint | undefined;
  /** Indexes of entries to delete: [from, to] each. */
  readonly deletions: readonly { readonly from: number; readonly to: number }[];
}

export interface Ready {
  /** Undefined when there is nothing that must be durable. */
  readonly write: Write | undefined;
  readonly messages: readonly Outgoing[];
  readonly behind: readonly { readonly peer: NodeId; readonly height: number }[];
}

export function takeReady(core: RaftCore): Ready {
  const write = takeWrite(core);
  const { outbox: messages, behind } = core;
  core.outbox = [];
  core.behind = [];
  return { write, messages, behind };
}

/** A lower log and a newer commit alone are no reason to write; they go with what is. */
function takeWrite(core: RaftCore): Write | undefined {
  const { recorded, log, term, vote } = core;
  const entries = log.range(log.written + 1, log.stable);
  const isTruncated = log.stable < recorded.lastIndex;
  const isHardStateNew = recorded.term !== term || recorded.vote !== vote;
  if (entries.length === 0 && !isTruncated && !isHardStateNew && !recorded.mustWrite) return undefined;
  const { compaction } = log;
  const deletions: { from: number; to: number }[] = [];
  const deleteRange = (from: number, to: number): void => {
    if (from <= to) deletions.push({ from, to });
  };
  deleteRange(recorded.firstIndex, Math.min(compaction.index, recorded.lastIndex));
  deleteRange(Math.max(log.stable + 1, recorded.firstIndex, compaction.index + 1), recorded.lastIndex);
  const isCompacted = compaction.index !== recorded.compactionIndex;
  log.markWritten();
  core.recorded.term = term;
  core.recorded.vote = vote;
  core.recorded.firstIndex = log.firstIndex;
  core.recorded.lastIndex = log.stable;
  core.recorded.compactionIndex = compaction.index;
  core.recorded.mustWrite = false;
  return {
    hardState: { term, vote, committed: log.committed },
    bounds: { compactionIndex: compaction.index, lastIndex: log.stable },
    entries,
    compaction: isCompacted ? compaction : undefined,
    deletions,
  };
}
