/** What a replica keeps on disk: hard state, compaction point, and one record for each entry of the log. */
import { fromHex, toHex } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import type { ConsensusRecord } from '@menglian/consensus-core/ports';
import { readCounter } from '@menglian/consensus-core/proposal';
import type { Entry } from './core/entry.js';
import type { CompactionPoint } from './core/log.js';
import type { LogBounds, Write } from './core/ready.js';
import type { HardState, RestoredState } from './core/state.js';
import {
  readConfiguration,
  readEntry,
  readPosition,
  writeConfiguration,
  writeEntry,
  writePosition,
} from './entryCodec.js';

/** The hard state, and what log belongs to it. */
type StateRecord = HardState & LogBounds;

const RECORD_VERSION = 1;
const STATE_KEY = 'raft.state';
const COMPACTION_KEY = 'raft.compaction';
const ENTRY_PREFIX = 'raft.entry.';

/** The records of one write. They go to disk together, so that the log never has a gap. */
export function recordsOf({ hardState, bounds, entries, compaction, deletions }: Write): ConsensusRecord[] {
  const records: ConsensusRecord[] = [{ key: STATE_KEY, value: encodeState({ ...hardState, ...bounds }) }];
  for (const { from, to } of deletions) {
    for (let index = from; index <= to; index++) records.push({ key: entryKey(index), value: undefined });
  }
  if (compaction !== undefined) records.push({ key: COMPACTION_KEY, value: encodeCompaction(compaction) });
  for (const entry of entries) records.push({ key: entryKey(entry.index), value: encodeEntry(entry) });
  return records;
}

/**
 * Reads back what `recordsOf` wrote. Anything missing or damaged is a reason not to start: truncating a log to its
 * readable part would un-say what was acknowledged.
 * @param initial the compaction point of a node without records
 */
export function restoreRecords(
  records: readonly { readonly key: string; readonly value: Uint8Array }[],
  initial: CompactionPoint,
): Result<RestoredState> {
  let state: StateRecord | undefined;
  let compaction: CompactionPoint | undefined;
  const byIndex = new Map<number, Entry>();
  for (const { key, value } of records) {
    if (key === STATE_KEY) {
      const decoded = decodeHardState(value);
      if (!decoded.ok) return failure(`consensus record ${key}: ${decoded.reason}`);
      state = decoded.value;
    } else if (key === COMPACTION_KEY) {
      const decoded = decodeCompaction(value);
      if (!decoded.ok) return failure(`consensus record ${key}: ${decoded.reason}`);
      compaction = decoded.value;
    } else if (key.startsWith(ENTRY_PREFIX)) {
      const decoded = decodeEntry(value);
      if (!decoded.ok) return failure(`consensus record ${key}: ${decoded.reason}`);
      if (key !== entryKey(decoded.value.index)) return failure(`consensus record ${key}: is of another index`);
      byIndex.set(decoded.value.index, decoded.value);
    }
  }
  if (state === undefined) {
    if (compaction !== undefined || byIndex.size > 0) return failure(`consensus record ${STATE_KEY}: is missing`);
    const hardState = { term: 0, vote: undefined, committed: 0 };
    return success({ isRecorded: false, hardState, compaction: initial, entries: [] });
  }
  if (compaction === undefined) return failure(`consensus record ${COMPACTION_KEY}: is missing`);
  return assemble(state, compaction, byIndex);
}

function assemble(
  state: StateRecord,
  compaction: CompactionPoint,
  byIndex: ReadonlyMap<number, Entry>,
): Result<RestoredState> {
  const entries: Entry[] = [];
  let lastTerm = compaction.term;
  if (compaction.index !== state.compactionIndex)
    return failure(`consensus record ${COMPACTION_KEY}: is of another time`);
  for (let index = compaction.index + 1; index <= state.lastIndex; index++) {
    const entry = byIndex.get(index);
    if (entry === undefined) return failure(`consensus record ${entryKey(index)}: is missing`);
    if (entry.term < lastTerm || entry.term > state.term) {
      return failure(`consensus record ${entryKey(index)}: is of term ${entry.term}`);
    }
    lastTerm = entry.term;
    entries.push(entry);
  }
  if (entries.length < byIndex.size) return failure(`consensus record ${STATE_KEY}: knows of fewer entries`);
  if (compaction.term > state.term) return failure(`consensus record ${STATE_KEY}: is older than the log`);
  const { term, vote, committed } = state;
  return success({ isRecorded: true, hardState: { term, vote, committed }, compaction, entries });
}

function entryKey(index: number): string {
  return `${ENTRY_PREFIX}${index}`;
}

function encodeState({ term, vote, committed, compactionIndex, lastIndex }: StateRecord): Uint8Array {
  const writer = new BinaryWriter(128).u8(RECORD_VERSION).u64(term).u64(committed);
  writer
    .u64(compactionIndex)
    .u64(lastIndex)
    .bool(vote !== undefined);
  if (vote !== undefined) writer.bytes(fromHex(vote));
  return writer.finish();
}

/** Exported for checkers that read a node's disk: the simulator proves "recorded before sent" with it. */
export function decodeHardState(bytes: Uint8Array): Result<StateRecord> {
  const reader = readerOf(bytes);
  const term = readCounter(reader);
  const committed = readCounter(reader);
  const compactionIndex = readCounter(reader);
  const lastIndex = readCounter(reader);
  const vote = reader.bool() ? toHex(reader.bytes(64)) : undefined;
  return reader.result({ term, committed, compactionIndex, lastIndex, vote });
}

function encodeCompaction(compaction: CompactionPoint): Uint8Array {
  const writer = new BinaryWriter().u8(RECORD_VERSION);
  writePosition(writer, compaction);
  writeConfiguration(writer, compaction.configuration);
  return writer.u64(compaction.height).finish();
}

function decodeCompaction(bytes: Uint8Array): Result<CompactionPoint> {
  const reader = readerOf(bytes);
  const position = readPosition(reader);
  const configuration = readConfiguration(reader);
  return reader.result({ ...position, configuration, height: readCounter(reader) });
}

function encodeEntry(entry: Entry): Uint8Array {
  const writer = new BinaryWriter(1024).u8(RECORD_VERSION).u64(entry.index);
  writeEntry(writer, entry);
  return writer.finish();
}

function decodeEntry(bytes: Uint8Array): Result<Entry> {
  const reader = readerOf(bytes);
  return reader.result(readEntry(reader, readCounter(reader)));
}

function readerOf(bytes: Uint8Array): BinaryReader {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== RECORD_VERSION) reader.fail('BadValue');
  return reader;
}
