/** What a chain owes a hot account for one epoch of its shadow account. Told in docs/hot-accounts.md, "The record". */
import { equalBytes } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import { decodeAbi, encodeAbi } from '@menglian/codec/abi';

export interface ClearingRecord {
  /** Name of the hot account, a byte string. */
  readonly account: string;
  /** Identity of the chain that the shadow account is of, 32 bytes. */
  readonly chain: Uint8Array;
  /** Counts the closed epochs of one account on one chain, from 1. */
  readonly epoch: bigint;
  /** Paid to the account in this epoch. */
  readonly amountIn: bigint;
  /** Paid out by it in this epoch, from what the hot account had granted before. */
  readonly amountOut: bigint;
  /** Payments of both directions. */
  readonly payments: bigint;
  /** Block that opened the epoch, and block that closed it: what the latter had after the closing is of the next epoch. */
  readonly firstBlock: bigint;
  readonly lastBlock: bigint;
  /** Hash of the record of the epoch before, `NO_RECORD_HASH` in the first. */
  readonly previousHash: Uint8Array;
}

/** Stands before the first record. Not to be changed. */
export const NO_RECORD_HASH = new Uint8Array(32);

const TYPES = ['string', 'bytes32', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256', 'bytes32'];

/** A name of 64 bytes and eight words do with much less. */
const CLEARING_RECORD_BYTES_MAX = 1024;

export function encodeClearingRecord(record: ClearingRecord): Uint8Array {
  return encodeAbi(TYPES, [
    record.account,
    record.chain,
    record.epoch,
    record.amountIn,
    record.amountOut,
    record.payments,
    record.firstBlock,
    record.lastBlock,
    record.previousHash,
  ]);
}

/** Takes only the bytes that `encodeClearingRecord` writes, so that a record has one hash. */
export function decodeClearingRecord(bytes: Uint8Array): Result<ClearingRecord, 'malformed'> {
  if (bytes.length > CLEARING_RECORD_BYTES_MAX) return failure('malformed');
  const decoded = decodeAbi(TYPES, bytes);
  if (!decoded.ok) return failure('malformed');
  const [account, chain, epoch, amountIn, amountOut, payments, firstBlock, lastBlock, previousHash] = decoded.value as [
    string,
    Uint8Array,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    Uint8Array,
  ];
  const record = { account, chain, epoch, amountIn, amountOut, payments, firstBlock, lastBlock, previousHash };
  return equalBytes(encodeClearingRecord(record), bytes) ? success(record) : failure('malformed');
}
