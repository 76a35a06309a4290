import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { LedgerError } from './errors.js';

export interface TransactionLocation {
  readonly number: number;
  /** Place in the block, from 0. */
  readonly index: number;
}

export function encodeNumber(number: number): Uint8Array {
  return new BinaryWriter(16).u64(number).finish();
}

/** @throws LedgerError */
export function decodeNumber(bytes: Uint8Array): number {
  const reader = new BinaryReader(bytes);
  const number = reader.u64();
  if (reader.end() !== undefined) throw corrupt('block number');
  return number;
}

/** Block number in five bytes, index in three. */
export function encodeLocation(location: TransactionLocation): Uint8Array {
  // Byte by byte: a view would move so small an array out of the heap, for every transaction.
  const { number, index } = location;
  const high = Math.floor(number / 256);
  const bytes = new Uint8Array(8);
  bytes[0] = high >>> 24;
  bytes[1] = high >>> 16;
  bytes[2] = high >>> 8;
  bytes[3] = high;
  bytes[4] = number % 256;
  bytes[5] = index >>> 16;
  bytes[6] = index >>> 8;
  bytes[7] = index;
  return bytes;
}

/** @throws LedgerError */
export function decodeLocation(bytes: Uint8Array): TransactionLocation {
  if (bytes.length !== 8) throw corrupt('transaction location');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { number: view.getUint32(0) * 256 + bytes[4]!, index: view.getUint32(4) & 0xff_ffff };
}

function corrupt(what: string): LedgerError {
  return new LedgerError('ledger/corrupt-block', `a stored ${what} is damaged; restore the data folder from a copy`);
}
