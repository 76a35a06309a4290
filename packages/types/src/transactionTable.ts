/**
 * The transactions of a block, packed so that each can be read without the others: their number and count + 1 offsets
 * as 32-bit **little-endian** integers, then their bytes. No transactions are no bytes. Facts: docs/formats.md, "Block".
 */
import { EMPTY_BYTES } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, type Result, success } from '@menglian/base/result';
import { MAX_BLOCK_TRANSACTIONS } from './limits.js';

export type TransactionTableReason =
  /** The data ends before the offsets do. */
  | 'TableTooShort'
  /** More than MAX_BLOCK_TRANSACTIONS. */
  | 'TooManyTransactions'
  /** Offsets do not begin at 0, do not ascend, or do not end with the data. */
  | 'BadOffsets';

const WORD_BYTES = 4;

/** @param transactions signed, raw; none of them empty */
export function encodeTransactionTable(transactions: readonly Uint8Array[]): Uint8Array {
  if (transactions.length === 0) return EMPTY_BYTES;
  invariant(transactions.length <= MAX_BLOCK_TRANSACTIONS, 'types/block-transaction-count');
  const dataStart = startOfData(transactions.length);
  const length = transactions.reduce((sum, transaction) => sum + transaction.length, 0);
  invariant(length < 2 ** 32, 'types/block-transaction-bytes');
  const table = new Uint8Array(dataStart + length);
  const view = new DataView(table.buffer);
  view.setUint32(0, transactions.length, true);
  let offset = 0;
  transactions.forEach((transaction, index) => {
    table.set(transaction, dataStart + offset);
    offset += transaction.length;
    view.setUint32(WORD_BYTES * (index + 2), offset, true);
  });
  return table;
}

/** The raw transactions, as views. */
export function decodeTransactionTable(table: Uint8Array): Result<Uint8Array[], TransactionTableReason> {
  if (table.length === 0) return success([]);
  if (table.length < startOfData(1)) return failure('TableTooShort');
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const count = view.getUint32(0, true);
  if (count > MAX_BLOCK_TRANSACTIONS) return failure('TooManyTransactions');
  const dataStart = startOfData(count);
  if (dataStart > table.length) return failure('TableTooShort');
  // A table of no transactions has a shorter form, the empty one.
  if (count === 0 || view.getUint32(WORD_BYTES, true) !== 0) return failure('BadOffsets');
  const transactions: Uint8Array[] = [];
  let start = dataStart;
  for (let index = 0; index < count; index++) {
    const end = dataStart + view.getUint32(WORD_BYTES * (index + 2), true);
    if (end <= start || end > table.length) return failure('BadOffsets');
    transactions.push(table.subarray(start, end));
    start = end;
  }
  return start === table.length ? success(transactions) : failure('BadOffsets');
}

function startOfData(count: number): number {
  return WORD_BYTES * (count + 2);
}
