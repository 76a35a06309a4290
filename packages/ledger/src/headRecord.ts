import { failure, type Result, success } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { utf8Bytes, utf8Text } from '@menglian/base/bytes';

const VERSION = 1;
const HASH_BYTES = 32;
const MAX_SUITE_NAME_BYTES = 32;

/** The one record that every commit rewrites: which block is the last, and the sums up to it. */
export interface HeadRecord {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly stateDigest: Uint8Array;
  readonly transactions: number;
  /** Transactions whose receipt has a status other than 0. */
  readonly failed: number;
}

export function encodeHead(head: HeadRecord): Uint8Array {
  return new BinaryWriter(96)
    .u8(VERSION)
    .u64(head.number)
    .bytes(head.hash)
    .bytes(head.stateDigest)
    .u64(head.transactions)
    .u64(head.failed)
    .finish();
}

export function decodeHead(bytes: Uint8Array): Result<HeadRecord> {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== VERSION) return failure('BadVersion');
  const number = reader.u64();
  const hash = reader.bytes(HASH_BYTES);
  const stateDigest = reader.bytes(HASH_BYTES);
  const transactions = reader.u64();
  const failed = reader.u64();
  return reader.result({ number, hash, stateDigest, transactions, failed });
}

/** Written once, with block 0. */
export interface MetaRecord {
  /** Layout of the whole store. */
  readonly format: number;
  readonly suite: string;
  readonly genesisHash: Uint8Array;
}

export function encodeMeta(meta: MetaRecord): Uint8Array {
  return new BinaryWriter(64).u8(meta.format).blob(utf8Bytes(meta.suite)).bytes(meta.genesisHash).finish();
}

/** The format comes first, and a format that is not ours ends the reading: its rest may be anything. */
export function decodeMeta(bytes: Uint8Array, knownFormat: number): Result<MetaRecord> {
  const reader = new BinaryReader(bytes);
  const format = reader.u8();
  if (reader.failed !== undefined) return failure(reader.failed);
  if (format !== knownFormat) return success({ format, suite: '', genesisHash: new Uint8Array(HASH_BYTES) });
  const suite = utf8Text(reader.blob(MAX_SUITE_NAME_BYTES));
  const genesisHash = reader.bytes(HASH_BYTES);
  return reader.result({ format, suite, genesisHash });
}
