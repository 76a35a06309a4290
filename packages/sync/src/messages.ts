import { BinaryReader, BinaryWriter, type BinaryReason } from '@menglian/codec/binary';
import type { Result } from '@menglian/base/result';
import {
  BLOCKS_PER_REQUEST_MAX,
  BLOCK_BYTES_MAX,
  TRANSACTIONS_PER_MESSAGE_MAX,
  TRANSACTION_BYTES_MAX,
} from './limits.js';

/** Version byte in front of every message of this package. */
const VERSION = 1;
const HASH_BYTES = 32;

/** Messages of the sync plane (docs/wire.md). */
export type SyncMessage =
  /** What the sender's chain is and how far it is. */
  | {
      readonly kind: 'status';
      readonly number: number;
      readonly hash: Uint8Array;
      readonly genesisHash: Uint8Array;
    }
  | { readonly kind: 'blockRequest'; readonly first: number; readonly count: number }
  /** The blocks from `first` on that the sender has, at most as many as were asked for; each as types/block encodes it. */
  | { readonly kind: 'blockResponse'; readonly first: number; readonly blocks: readonly Uint8Array[] };

/** Messages of the transactions plane. */
export type TransactionMessage =
  /** Whole transactions, as signed. */
  | { readonly kind: 'bodies'; readonly transactions: readonly Uint8Array[] }
  /** Hashes of transactions that the sender holds. */
  | { readonly kind: 'announcement'; readonly hashes: readonly Uint8Array[] }
  /** Hashes of transactions that the sender wants. */
  | { readonly kind: 'request'; readonly hashes: readonly Uint8Array[] };

export function encodeSyncMessage(message: SyncMessage): Uint8Array {
  const writer = new BinaryWriter().u8(VERSION);
  switch (message.kind) {
    case 'status':
      return writer.u8(0).u64(message.number).bytes(message.hash).bytes(message.genesisHash).finish();
    case 'blockRequest':
      return writer.u8(1).u64(message.first).u32(message.count).finish();
    case 'blockResponse':
      writer.u8(2).u64(message.first).u32(message.blocks.length);
      for (const block of message.blocks) writer.blob(block);
      return writer.finish();
  }
}

export function decodeSyncMessage(bytes: Uint8Array): Result<SyncMessage, BinaryReason> {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== VERSION) reader.fail('BadValue');
  return reader.result(readSyncMessage(reader));
}

function readSyncMessage(reader: BinaryReader): SyncMessage {
  const kind = reader.u8();
  const number = reader.u64();
  if (kind === 0) {
    return { kind: 'status', number, hash: reader.bytes(HASH_BYTES), genesisHash: reader.bytes(HASH_BYTES) };
  }
  if (kind === 1) {
    const count = reader.u32();
    if (count < 1 || count > BLOCKS_PER_REQUEST_MAX) reader.fail('TooLong');
    return { kind: 'blockRequest', first: number, count };
  }
  if (kind !== 2) reader.fail('BadValue');
  const blocks: Uint8Array[] = [];
  const count = reader.count(BLOCKS_PER_REQUEST_MAX, 4);
  for (let i = 0; i < count; i++) blocks.push(reader.blob(BLOCK_BYTES_MAX));
  return { kind: 'blockResponse', first: number, blocks };
}

export function encodeTransactionMessage(message: TransactionMessage): Uint8Array {
  const writer = new BinaryWriter(1024).u8(VERSION);
  if (message.kind === 'bodies') {
    writer.u8(0).u32(message.transactions.length);
    for (const transaction of message.transactions) writer.blob(transaction);
    return writer.finish();
  }
  writer.u8(message.kind === 'announcement' ? 1 : 2).u32(message.hashes.length);
  for (const hash of message.hashes) writer.bytes(hash);
  return writer.finish();
}

export function decodeTransactionMessage(bytes: Uint8Array): Result<TransactionMessage, BinaryReason> {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== VERSION) reader.fail('BadValue');
  return reader.result(readTransactionMessage(reader));
}

function readTransactionMessage(reader: BinaryReader): TransactionMessage {
  const kind = reader.u8();
  if (kind === 0) {
    const transactions: Uint8Array[] = [];
    const count = reader.count(TRANSACTIONS_PER_MESSAGE_MAX, 4);
    for (let i = 0; i < count; i++) transactions.push(reader.blob(TRANSACTION_BYTES_MAX));
    return { kind: 'bodies', transactions };
  }
  if (kind > 2) reader.fail('BadValue');
  const hashes: Uint8Array[] = [];
  const count = reader.count(TRANSACTIONS_PER_MESSAGE_MAX, HASH_BYTES);
  for (let i = 0; i < count; i++) hashes.push(reader.bytes(HASH_BYTES));
  return { kind: kind === 1 ? 'announcement' : 'request', hashes };
}
