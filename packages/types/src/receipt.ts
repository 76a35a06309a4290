/** Receipts: what a transaction did. Facts: docs/formats.md, "Receipt". */
import type { Result } from '@menglian/base/result';
import { encodeRlp, type RlpItem, rlpInteger } from '@menglian/codec/rlp';
import { decodeRlpRecord, type RlpCursor, type RlpReason } from '@menglian/codec/rlpCursor';
import { toHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Address, ADDRESS_BYTES, addressBytes } from './address.js';
import { BLOOM_BYTES } from './bloom.js';
import { MAX_LOG_TOPICS, MAX_RECEIPT_LOGS } from './limits.js';

export interface Log {
  readonly address: Address;
  /** Each 32 bytes, at most 4. */
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

export interface Receipt {
  /** 32 bytes: of the whole block, the same in all its receipts. */
  readonly stateRoot: Uint8Array;
  /** Of this transaction alone. */
  readonly gasUsed: bigint;
  /** Of the contract a deployment made, else the zero address. */
  readonly contractAddress: Address;
  /** 256 bytes, of `logs`. */
  readonly logsBloom: Uint8Array;
  /** See `TransactionStatus`; 0 is success. */
  readonly status: number;
  readonly output: Uint8Array;
  /** 0 unless the chain charges gas. */
  readonly remainGas: bigint;
  readonly logs: readonly Log[];
}

export function encodeReceipt(receipt: Receipt): Uint8Array {
  return encodeRlp(receiptItem(receipt));
}

/** @param bytes kept as views by the result */
export function decodeReceipt(bytes: Uint8Array): Result<Receipt, RlpReason> {
  return decodeRlpRecord(bytes, readReceipt);
}

export function receiptHash(suite: CryptoSuite, receipt: Receipt): Uint8Array {
  return suite.hash(encodeReceipt(receipt));
}

/** The receipt as a tree, for what encodes receipts inside something larger. */
export function receiptItem(receipt: Receipt): RlpItem {
  return [
    receipt.stateRoot,
    rlpInteger(receipt.gasUsed),
    addressBytes(receipt.contractAddress),
    receipt.logsBloom,
    rlpInteger(receipt.status),
    receipt.output,
    rlpInteger(receipt.remainGas),
    receipt.logs.map((log) => [addressBytes(log.address), log.topics, log.data]),
  ];
}

/** Reads the items of one receipt. */
export function readReceipt(items: RlpCursor): Receipt {
  const stateRoot = items.fixed(32);
  const gasUsed = items.integer();
  const contractAddress = toHex(items.fixed(ADDRESS_BYTES));
  const logsBloom = items.fixed(BLOOM_BYTES);
  const status = items.safeInteger();
  const output = items.string();
  const remainGas = items.integer();
  const logs: Log[] = [];
  items.list(MAX_RECEIPT_LOGS, (list) => logs.push(list.record(readLog)));
  return { stateRoot, gasUsed, contractAddress, logsBloom, status, output, remainGas, logs };
}

function readLog(items: RlpCursor): Log {
  const address = toHex(items.fixed(ADDRESS_BYTES));
  const topics: Uint8Array[] = [];
  items.list(MAX_LOG_TOPICS, (list) => topics.push(list.fixed(32)));
  return { address, topics, data: items.string() };
}
