/** Bytes of log entries and configurations, the same on the wire and on disk. */
import { fromHex, toHex } from '@menglian/base/bytes';
import type { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { MAX_SEALERS } from '@menglian/consensus-core/limits';
import { readCounter } from '@menglian/consensus-core/proposal';
import type { NodeId } from '@menglian/types/address';
import type { Configuration } from './core/configuration.js';
import type { Entry, EntryContent, LogPosition } from './core/entry.js';
import { MAX_ENTRY_BYTES } from './limits.js';

const CONTENT_CODES = { noop: 0, configuration: 1, data: 2 } as const;
const NODE_ID_BYTES = 64;

/** Bytes of the smallest entry after the first: term and kind; indexes follow from the place. */
export const MINIMUM_ENTRY_BYTES = 9;

export function writeEntry(writer: BinaryWriter, { term, content }: Entry): void {
  writer.u64(term).u8(CONTENT_CODES[content.kind]);
  if (content.kind === 'data') writer.blob(content.data);
  else if (content.kind === 'configuration') writeConfiguration(writer, content.configuration);
}

/** @param index an entry does not say where it stands; its place does */
export function readEntry(reader: BinaryReader, index: number): Entry {
  return { index, term: readCounter(reader), content: readContent(reader) };
}

function readContent(reader: BinaryReader): EntryContent {
  switch (reader.u8()) {
    case CONTENT_CODES.noop:
      return { kind: 'noop' };
    case CONTENT_CODES.configuration:
      return { kind: 'configuration', configuration: readConfiguration(reader) };
    case CONTENT_CODES.data:
      // A copy: the log keeps entries for long, and not the message around them.
      return { kind: 'data', data: reader.blob(MAX_ENTRY_BYTES).slice() };
    default:
      reader.fail('BadValue');
      return { kind: 'noop' };
  }
}

export function writePosition(writer: BinaryWriter, { index, term }: LogPosition): void {
  writer.u64(index).u64(term);
}

export function readPosition(reader: BinaryReader): LogPosition {
  return { index: readCounter(reader), term: readCounter(reader) };
}

export function writeConfiguration(writer: BinaryWriter, configuration: Configuration): void {
  const { voters, outgoing, learners, learnersNext, epoch } = configuration;
  writer.u64(epoch);
  for (const nodes of [voters, outgoing, learners, learnersNext]) {
    writer.u32(nodes.length);
    for (const node of nodes) writer.bytes(fromHex(node));
  }
}

/** Refuses what breaks a rule of `Configuration`: a log must not hold it. */
export function readConfiguration(reader: BinaryReader): Configuration {
  const epoch = readCounter(reader);
  const voters = readNodes(reader);
  const outgoing = readNodes(reader);
  const learners = readNodes(reader);
  const learnersNext = readNodes(reader);
  const isSound =
    voters.length > 0 &&
    !learners.some((node) => voters.includes(node) || outgoing.includes(node)) &&
    learnersNext.every((node) => outgoing.includes(node) && !voters.includes(node));
  if (!isSound) reader.fail('BadValue');
  return { voters, outgoing, learners, learnersNext, epoch };
}

/** Ascending, so that one set has one encoding. */
function readNodes(reader: BinaryReader): NodeId[] {
  const nodes: NodeId[] = [];
  for (let left = reader.count(MAX_SEALERS, NODE_ID_BYTES); left > 0; left--) {
    const node = toHex(reader.bytes(NODE_ID_BYTES));
    if (nodes.length > 0 && nodes.at(-1)! >= node) reader.fail('BadValue');
    nodes.push(node);
  }
  return nodes;
}
