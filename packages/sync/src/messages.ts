import { BinaryReader, BinaryWriter, type BinaryReason } from '@menglian/codec/binary';
import { failure, success, type Result } from '@menglian/base/result';
import {
  BLOCKS_PER_REQUEST_MAX,
  BLOCK_BYTES_MAX,
  TRANSACTIONS_PER_MESSAGE_MAX,
  TRANSACTION_BYTES_MAX,
} from './limits.js';
import { type Address, addressBytes, addressFromBytes, ADDRESS_BYTES } from '@menglian/types/address';
import { readSnapshotMessage, type SnapshotMessage, writeSnapshotMessage } from './snapshotMessages.js';

/** Version bytes in front of the messages of each plane. */
const SYNC_VERSION = 2;
const TRANSACTIONS_VERSION = 3;
const HASH_BYTES = 32;

/** Messages of the sync plane (docs/wire.md). */
export type SyncMessage =
  /** What the sender's chain is and how far it is. */
  | {
      readonly kind: 'status';
      readonly number: number;
      readonly hash: Uint8Array;
      readonly genesisHash: Uint8Array;
      /** number of the first block above genesis that the sender has with its body */
      readonly lowest: number;
      /** height of the latest snapshot that the sender serves; 0 for none */
      readonly snapshot: number;
    }
  | { readonly kind: 'blockRequest'; readonly first: number; readonly count: number }
  /** The blocks from `first` on that the sender has, at most as many as were asked for; each as types/block encodes it. */
  | { readonly kind: 'blockResponse'; readonly first: number; readonly blocks: readonly Uint8Array[] }
  | SnapshotMessage;

/** Messages of the transactions plane. */
export type TransactionMessage =
  /** Whole transactions, as signed, with what the node that passes them on knows of each: nothing to rely on. */
  | {
      readonly kind: 'bodies';
      readonly transactions: readonly Uint8Array[];
      readonly senders?: readonly (Address | undefined)[];
      /** of the suite `sm`, see `SignatureCheck` */
      readonly parities?: readonly (0 | 1 | undefined)[];
    }
  /** Hashes of transactions that the sender holds. */
  | { readonly kind: 'announcement'; readonly hashes: readonly Uint8Array[] }
  /** Hashes of transactions that the sender wants. */
  | { readonly kind: 'request'; readonly hashes: readonly Uint8Array[] };

export type Bodies = Extract<TransactionMessage, { kind: 'bodies' }>;

const NO_PARITY = 2;

export function encodeSyncMessage(message: SyncMessage): Uint8Array {
  const writer = new BinaryWriter().u8(SYNC_VERSION);
  switch (message.kind) {
    case 'status':
      writer.u8(0).u64(message.number).bytes(message.hash).bytes(message.genesisHash);
      writer.u64(message.lowest).u64(message.snapshot);
      break;
    case 'blockRequest':
      writer.u8(1).u64(message.first).u32(message.count);
      break;
    case 'blockResponse':
      writer.u8(2).u64(message.first).u32(message.blocks.length);
      for (const block of message.blocks) writer.blob(block);
      break;
    default:
      writeSnapshotMessage(writer, message);
  }
  return writer.finish();
}

export function decodeSyncMessage(bytes: Uint8Array): Result<SyncMessage, BinaryReason> {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== SYNC_VERSION) reader.fail('BadValue');
  const message = readSyncMessage(reader, reader.u8());
  const reason = reader.end() ?? (message === undefined ? 'BadValue' : undefined);
  return message === undefined || reason !== undefined ? failure(reason ?? 'BadValue') : success(message);
}

function readSyncMessage(reader: BinaryReader, code: number): SyncMessage | undefined {
  switch (code) {
    case 0:
      return {
        kind: 'status',
        number: reader.u64(),
        hash: reader.bytes(HASH_BYTES),
        genesisHash: reader.bytes(HASH_BYTES),
        lowest: reader.u64(),
        snapshot: reader.u64(),
      };
    case 1: {
      const [first, count] = [reader.u64(), reader.u32()];
      if (count < 1 || count > BLOCKS_PER_REQUEST_MAX) reader.fail('TooLong');
      return { kind: 'blockRequest', first, count };
    }
    case 2: {
      const first = reader.u64();
      const blocks: Uint8Array[] = [];
      const count = reader.count(BLOCKS_PER_REQUEST_MAX, 4);
      for (let i = 0; i < count; i++) blocks.push(reader.blob(BLOCK_BYTES_MAX));
      return { kind: 'blockResponse', first, blocks };
    }
    default:
      return readSnapshotMessage(reader, code);
  }
}

export function encodeTransactionMessage(message: TransactionMessage): Uint8Array {
  const writer = new BinaryWriter(1024).u8(TRANSACTIONS_VERSION);
  if (message.kind === 'bodies') {
    writeBodies(writer.u8(0), message);
    return writer.finish();
  }
  writer.u8(message.kind === 'announcement' ? 1 : 2).u32(message.hashes.length);
  for (const hash of message.hashes) writer.bytes(hash);
  return writer.finish();
}

export function decodeTransactionMessage(bytes: Uint8Array): Result<TransactionMessage, BinaryReason> {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== TRANSACTIONS_VERSION) reader.fail('BadValue');
  return reader.result(readTransactionMessage(reader));
}

function readTransactionMessage(reader: BinaryReader): TransactionMessage {
  const kind = reader.u8();
  if (kind === 0) {
    return readBodies(reader);
  }
  if (kind > 2) reader.fail('BadValue');
  const hashes: Uint8Array[] = [];
  const count = reader.count(TRANSACTIONS_PER_MESSAGE_MAX, HASH_BYTES);
  for (let i = 0; i < count; i++) hashes.push(reader.bytes(HASH_BYTES));
  return { kind: kind === 1 ? 'announcement' : 'request', hashes };
}

/**
 * The senders that occur, in the order in which they do, then each transaction behind the place of its sender among them,
 * counted from 1, 0 for none; and behind the parity of its signature, 2 for none.
 */
function writeBodies(writer: BinaryWriter, { transactions, senders = [], parities = [] }: Bodies): void {
  const places = new Map<Address, number>();
  for (const sender of senders) if (sender !== undefined && !places.has(sender)) places.set(sender, places.size + 1);
  writer.u16(places.size);
  for (const sender of places.keys()) writer.bytes(addressBytes(sender));
  writer.u32(transactions.length);
  for (const [index, transaction] of transactions.entries()) {
    const sender = senders[index];
    writer
      .u16(sender === undefined ? 0 : places.get(sender)!)
      .u8(parities[index] ?? NO_PARITY)
      .blob(transaction);
  }
}

function readBodies(reader: BinaryReader): TransactionMessage {
  const named: Address[] = [];
  const names = reader.u16();
  if (names > TRANSACTIONS_PER_MESSAGE_MAX) reader.fail('TooLong');
  for (let i = 0; i < names && reader.failed === undefined; i++) {
    const bytes = reader.bytes(ADDRESS_BYTES);
    if (reader.failed === undefined) named.push(addressFromBytes(bytes));
  }
  if (new Set(named).size < named.length) reader.fail('BadValue');
  const transactions: Uint8Array[] = [];
  const senders: (Address | undefined)[] = [];
  const parities: (0 | 1 | undefined)[] = [];
  let met = 0;
  const count = reader.count(TRANSACTIONS_PER_MESSAGE_MAX, 7);
  for (let i = 0; i < count; i++) {
    const place = reader.u16();
    if (place > met + 1 || place > named.length) reader.fail('BadValue');
    met = Math.max(met, place);
    senders.push(named[place - 1]);
    const parity = reader.u8();
    if (parity > NO_PARITY) reader.fail('BadValue');
    parities.push(parity === 0 || parity === 1 ? parity : undefined);
    transactions.push(reader.blob(TRANSACTION_BYTES_MAX));
  }
  if (met < named.length) reader.fail('BadValue');
  return { kind: 'bodies', transactions, senders, parities };
}
