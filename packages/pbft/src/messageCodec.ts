/** Bytes of the messages: a version byte, the kind, then a fixed layout. Every count is bounded before it is believed. */
import { failure, type Result } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { MAX_SEALERS, MAX_SIGNATURE_BYTES } from '@menglian/consensus-core/limits';
import { readCounter, readProposal, writeProposal } from '@menglian/consensus-core/proposal';
import { MAX_CLAIMS, MAX_MESSAGE_BYTES } from './limits.js';
import {
  type IndexedSignature,
  type Message,
  MESSAGE_CODES,
  type NewView,
  type PreparedClaim,
  type PreparedProof,
  type PrepareVotes,
  type ViewChangeStatement,
} from './messages.js';

const VERSION = 3;

/** Bytes of the smallest signed index: signer, length, no signature. */
const MINIMUM_INDEXED_SIGNATURE_BYTES = 6;
const MINIMUM_STATEMENT_BYTES = 66;
const CLAIM_BYTES = 80;
const MINIMUM_PROOF_BYTES = 70;

export function encodeMessage(message: Message): Uint8Array {
  const writer = new BinaryWriter();
  writer.u8(VERSION).u8(MESSAGE_CODES[message.kind]);
  switch (message.kind) {
    case 'prePrepare':
      writer.u64(message.view);
      writeProposal(writer, message.proposal);
      writeIndexedSignature(writer, message);
      break;
    case 'prepare':
    case 'commit':
      writer.u64(message.epoch).u64(message.height).u64(message.view).bytes(message.digest);
      writeIndexedSignature(writer, message);
      break;
    case 'checkpoint':
      writer.u64(message.epoch).u64(message.height).bytes(message.headerHash);
      writeIndexedSignature(writer, message);
      break;
    case 'viewChange':
      writeStatement(writer, message.statement);
      writeProofs(writer, message.proofs);
      break;
    case 'newView':
      writeNewViewContent(writer, message);
      writeIndexedSignature(writer, message);
      break;
    case 'heartbeat':
      writer.u64(message.height).bytes(message.hash).u64(message.epoch).u64(message.view).u64(message.toView);
      writer.blob(message.signature);
      break;
    case 'newViewRequest':
      writer.u64(message.epoch).u64(message.view);
      break;
  }
  return writer.finish();
}

/** @returns a reason for everything that `encodeMessage` did not make */
export function decodeMessage(bytes: Uint8Array): Result<Message> {
  if (bytes.length > MAX_MESSAGE_BYTES) return failure('TooLong');
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== VERSION) return failure('UnknownVersion');
  const message = readMessage(reader, reader.u8());
  return message === undefined ? failure('UnknownKind') : reader.result(message);
}

function readMessage(reader: BinaryReader, code: number): Message | undefined {
  switch (code) {
    case MESSAGE_CODES.prePrepare:
      return {
        kind: 'prePrepare',
        view: readCounter(reader),
        proposal: readProposal(reader),
        ...readIndexedSignature(reader),
      };
    case MESSAGE_CODES.prepare:
    case MESSAGE_CODES.commit:
      return {
        kind: code === MESSAGE_CODES.prepare ? 'prepare' : 'commit',
        epoch: readCounter(reader),
        height: readCounter(reader),
        view: readCounter(reader),
        digest: reader.bytes(32),
        ...readIndexedSignature(reader),
      };
    case MESSAGE_CODES.checkpoint:
      return {
        kind: 'checkpoint',
        epoch: readCounter(reader),
        height: readCounter(reader),
        headerHash: reader.bytes(32),
        ...readIndexedSignature(reader),
      };
    case MESSAGE_CODES.viewChange:
      return readViewChange(reader);
    case MESSAGE_CODES.newView: {
      const epoch = readCounter(reader);
      const view = readCounter(reader);
      const statements = readList(reader, MAX_SEALERS, MINIMUM_STATEMENT_BYTES, readStatement);
      const proofs = readProofs(reader);
      return { kind: 'newView', epoch, view, statements, proofs, ...readIndexedSignature(reader) };
    }
    case MESSAGE_CODES.heartbeat:
      return {
        kind: 'heartbeat',
        height: readCounter(reader),
        hash: reader.bytes(32),
        epoch: readCounter(reader),
        view: readCounter(reader),
        toView: readCounter(reader),
        signature: reader.blob(MAX_SIGNATURE_BYTES),
      };
    case MESSAGE_CODES.newViewRequest:
      return { kind: 'newViewRequest', epoch: readCounter(reader), view: readCounter(reader) };
    default:
      return undefined;
  }
}

function readViewChange(reader: BinaryReader): Message {
  const statement = readStatement(reader);
  const proofs = readProofs(reader);
  if (statement.claims.length !== proofs.length) reader.fail('BadValue');
  return { kind: 'viewChange', statement, proofs };
}

/** All of a new-view but the leader's signature: what that signature covers. */
export function writeNewViewContent(writer: BinaryWriter, message: Omit<NewView, 'signer' | 'signature'>): void {
  writer.u64(message.epoch).u64(message.view).u32(message.statements.length);
  for (const statement of message.statements) writeStatement(writer, statement);
  writeProofs(writer, message.proofs);
}

function writeStatement(writer: BinaryWriter, statement: ViewChangeStatement): void {
  writer.u64(statement.epoch).u64(statement.view).u64(statement.headHeight);
  writeStatementContent(writer, statement);
  writeIndexedSignature(writer, statement);
}

/** What a view change says beside its epoch, height and view. */
export function writeStatementContent(
  writer: BinaryWriter,
  statement: Pick<ViewChangeStatement, 'headHash' | 'claims'>,
): void {
  writer.bytes(statement.headHash).u32(statement.claims.length);
  for (const { height, view, digest, parentDigest } of statement.claims) {
    writer.u64(height).u64(view).bytes(digest).bytes(parentDigest);
  }
}

function readStatement(reader: BinaryReader): ViewChangeStatement {
  const epoch = readCounter(reader);
  const view = readCounter(reader);
  const headHeight = readCounter(reader);
  const headHash = reader.bytes(32);
  const claims = readList(reader, MAX_CLAIMS, CLAIM_BYTES, readClaim);
  return { epoch, view, headHeight, headHash, claims, ...readIndexedSignature(reader) };
}

function readClaim(reader: BinaryReader): PreparedClaim {
  const height = readCounter(reader);
  const view = readCounter(reader);
  return { height, view, digest: reader.bytes(32), parentDigest: reader.bytes(32) };
}

function writeProofs(writer: BinaryWriter, proofs: readonly PreparedProof[]): void {
  writer.u32(proofs.length);
  for (const { votes, proposal } of proofs) {
    writeVotes(writer, votes);
    writeProposal(writer, proposal);
  }
}

function readProofs(reader: BinaryReader): PreparedProof[] {
  return readList(reader, MAX_CLAIMS, MINIMUM_PROOF_BYTES, () => ({
    votes: readVotes(reader),
    proposal: readProposal(reader),
  }));
}

export function writeVotes(writer: BinaryWriter, votes: PrepareVotes): void {
  writer.u32(votes.length);
  for (const vote of votes) writeIndexedSignature(writer, vote);
}

export function readVotes(reader: BinaryReader): PrepareVotes {
  return readList(reader, MAX_SEALERS, MINIMUM_INDEXED_SIGNATURE_BYTES, readIndexedSignature);
}

function writeIndexedSignature(writer: BinaryWriter, value: IndexedSignature): void {
  writer.u16(value.signer).blob(value.signature);
}

function readIndexedSignature(reader: BinaryReader): IndexedSignature {
  return { signer: reader.u16(), signature: reader.blob(MAX_SIGNATURE_BYTES) };
}

function readList<T>(
  reader: BinaryReader,
  maximum: number,
  minimumItemBytes: number,
  readItem: (reader: BinaryReader) => T,
): T[] {
  const items: T[] = [];
  for (let left = reader.count(maximum, minimumItemBytes); left > 0; left--) items.push(readItem(reader));
  return items;
}
