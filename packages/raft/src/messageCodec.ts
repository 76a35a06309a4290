/** Bytes of the messages: a version byte, the kind, then a fixed layout. Every count is bounded before it is believed. */
import { failure, type Result } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { MAX_SIGNATURE_BYTES } from '@menglian/consensus-core/limits';
import { readCounter } from '@menglian/consensus-core/proposal';
import type { Entry, LogPosition } from './core/entry.js';
import type { RaftMessage } from './core/messages.js';
import {
  MINIMUM_ENTRY_BYTES,
  readConfiguration,
  readEntry,
  readPosition,
  writeConfiguration,
  writeEntry,
  writePosition,
} from './entryCodec.js';
import { MAX_APPEND_ENTRIES, MAX_MESSAGE_BYTES } from './limits.js';

/** The result of a height whose order is committed, signed by its sender over the bare header hash. */
export interface ResultMessage {
  readonly kind: 'result';
  readonly height: number;
  readonly headerHash: Uint8Array;
  readonly signature: Uint8Array;
}

export type Message = RaftMessage | ResultMessage;
export type MessageKind = Message['kind'];

/** Numbers on the wire. */
export const MESSAGE_CODES: Readonly<Record<MessageKind, number>> = {
  preVote: 1,
  vote: 2,
  preVoteResponse: 3,
  voteResponse: 4,
  append: 5,
  appendResponse: 6,
  heartbeat: 7,
  heartbeatResponse: 8,
  snapshot: 9,
  timeoutNow: 10,
  result: 11,
};

const VERSION = 1;
const KIND_OF_CODE = new Map(Object.entries(MESSAGE_CODES).map(([kind, code]) => [code, kind as MessageKind]));

export function encodeMessage(message: Message): Uint8Array {
  const writer = new BinaryWriter();
  writer.u8(VERSION).u8(MESSAGE_CODES[message.kind]);
  if (message.kind === 'result') {
    return writer.u64(message.height).bytes(message.headerHash).blob(message.signature).finish();
  }
  writer.u64(message.term);
  switch (message.kind) {
    case 'preVote':
    case 'vote':
      writePosition(writer, message.last);
      writer.bool(message.isTransfer);
      break;
    case 'preVoteResponse':
    case 'voteResponse':
      writer.bool(message.isGranted).u64(message.removedAt);
      break;
    case 'append':
      writePosition(writer, message.previous);
      writer.u64(message.committed).u32(message.entries.length);
      for (const entry of message.entries) writeEntry(writer, entry);
      break;
    case 'appendResponse':
      writer
        .u64(message.index)
        .u64(message.received)
        .bool(message.isRefused)
        .bool(message.hint !== undefined);
      if (message.hint !== undefined) writePosition(writer, message.hint);
      break;
    case 'heartbeat':
      writer.u64(message.committed).u64(message.height);
      break;
    case 'heartbeatResponse':
      writer.u64(message.height);
      break;
    case 'snapshot':
      writePosition(writer, message.at);
      writeConfiguration(writer, message.configuration);
      writer.u64(message.height);
      break;
    case 'timeoutNow':
      break;
  }
  return writer.finish();
}

/** @returns a reason for everything that `encodeMessage` did not make */
export function decodeMessage(bytes: Uint8Array): Result<Message> {
  if (bytes.length > MAX_MESSAGE_BYTES) return failure('TooLong');
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== VERSION) return failure('UnknownVersion');
  const kind = KIND_OF_CODE.get(reader.u8());
  return kind === undefined ? failure('UnknownKind') : reader.result(readMessage(reader, kind));
}

function readMessage(reader: BinaryReader, kind: MessageKind): Message {
  if (kind === 'result') {
    const height = readCounter(reader);
    return { kind, height, headerHash: reader.bytes(32), signature: reader.blob(MAX_SIGNATURE_BYTES) };
  }
  const term = readCounter(reader);
  switch (kind) {
    case 'preVote':
    case 'vote':
      return { kind, term, last: readPosition(reader), isTransfer: reader.bool() };
    case 'preVoteResponse':
    case 'voteResponse':
      return { kind, term, isGranted: reader.bool(), removedAt: readCounter(reader) };
    case 'append': {
      const previous = readPositionUpTo(reader, term);
      return { kind, term, previous, committed: readCounter(reader), entries: readEntries(reader, previous, term) };
    }
    case 'appendResponse': {
      const index = readCounter(reader);
      const received = readCounter(reader);
      const isRefused = reader.bool();
      return { kind, term, index, received, isRefused, hint: reader.bool() ? readPosition(reader) : undefined };
    }
    case 'heartbeat':
      return { kind, term, committed: readCounter(reader), height: readCounter(reader) };
    case 'heartbeatResponse':
      return { kind, term, height: readCounter(reader) };
    case 'snapshot': {
      const at = readPositionUpTo(reader, term);
      return { kind, term, at, configuration: readConfiguration(reader), height: readCounter(reader) };
    }
    case 'timeoutNow':
      return { kind, term };
  }
}

/** A place in the log of a leader of that term: nothing in it is newer than its leader. */
function readPositionUpTo(reader: BinaryReader, leaderTerm: number): LogPosition {
  const position = readPosition(reader);
  if (position.term > leaderTerm) reader.fail('BadValue');
  return position;
}

/** Consecutive after `previous`; their terms never fall, as in every log, and end at the leader's. */
function readEntries(reader: BinaryReader, previous: LogPosition, leaderTerm: number): Entry[] {
  const entries: Entry[] = [];
  let lowestTerm = previous.term;
  for (let left = reader.count(MAX_APPEND_ENTRIES, MINIMUM_ENTRY_BYTES); left > 0; left--) {
    const entry = readEntry(reader, previous.index + entries.length + 1);
    if (entry.term < lowestTerm || entry.term > leaderTerm) reader.fail('BadValue');
    lowestTerm = entry.term;
    entries.push(entry);
  }
  return entries;
}
