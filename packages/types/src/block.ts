/** Blocks with transactions, signatures and receipts. Facts: docs/formats.md, "Block". */
import { failure, type Result, success } from '@menglian/base/result';
import { encodeRlp, encodeRlpList, rlpInteger } from '@menglian/codec/rlp';
import { openRlpList, RlpCursor, type RlpReason } from '@menglian/codec/rlpCursor';
import { type BlockHeader, encodeHeader, readHeader } from './header.js';
import { MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS, MAX_SEALERS, MAX_SIGNATURE_BYTES } from './limits.js';
import { readReceipt, type Receipt, receiptItem } from './receipt.js';
import { decodeTransactionTable, encodeTransactionTable, type TransactionTableReason } from './transactionTable.js';

/** A sealer's signature of the block hash itself, taken as digest. */
export interface BlockSignature {
  /** Index of the signer in the `sealerList` of this block. */
  readonly index: number;
  /** In the form of the suite. */
  readonly signature: Uint8Array;
}

export interface Block {
  readonly header: BlockHeader;
  /** 32 bytes, as it came with the block: whether it is the header's is for the receiver to check. */
  readonly hash: Uint8Array;
  /** Signed, raw. */
  readonly transactions: readonly Uint8Array[];
  readonly signatures: readonly BlockSignature[];
  /** One for each transaction, or none while the block is only proposed. */
  readonly receipts: readonly Receipt[];
}

export type BlockReason = RlpReason | TransactionTableReason | 'TooLarge';

/**
 * A block cut into its five items, none of them decoded: for readers that want one part of a stored block.
 * All are views.
 */
export interface BlockSections {
  /** For `decodeHeader`. */
  readonly header: Uint8Array;
  /** For `decodeTransactionTable`. */
  readonly transactionTable: Uint8Array;
  readonly hash: Uint8Array;
  /** For `decodeSignatures`. */
  readonly signatures: Uint8Array;
  /** For `decodeReceipts`. */
  readonly receipts: Uint8Array;
}

export function encodeBlock(block: Block): Uint8Array {
  return encodeRlpList(
    encodeHeader(block.header),
    encodeRlp(encodeTransactionTable(block.transactions)),
    encodeRlp(block.hash),
    encodeRlp(block.signatures.map(({ index, signature }) => [rlpInteger(index), signature])),
    encodeRlp(block.receipts.map(receiptItem)),
  );
}

/** Cuts without decoding. The sections may turn out malformed. */
export function sectionsOfBlock(bytes: Uint8Array): Result<BlockSections, BlockReason> {
  if (bytes.length > MAX_BLOCK_BYTES) return failure('TooLarge');
  const opened = openRlpList(bytes);
  if (!opened.ok) return opened;
  const items = opened.value;
  items.next();
  const header = items.item();
  const transactionTable = items.string();
  const hash = items.fixed(32);
  items.next();
  const signatures = items.item();
  items.next();
  const receipts = items.item();
  if (!items.atEnd) items.fail('TooManyItems');
  if (items.failed !== undefined) return failure(items.failed);
  return success({ header, transactionTable, hash, signatures, receipts });
}

/** @param bytes kept as views by the result */
export function decodeBlock(bytes: Uint8Array): Result<Block, BlockReason> {
  const sections = sectionsOfBlock(bytes);
  if (!sections.ok) return sections;
  const { hash } = sections.value;
  const header = readSection(sections.value.header, (items) => items.record(readHeader));
  if (!header.ok) return header;
  const transactions = decodeTransactionTable(sections.value.transactionTable);
  if (!transactions.ok) return transactions;
  const signatures = decodeSignatures(sections.value.signatures);
  if (!signatures.ok) return signatures;
  const receipts = decodeReceipts(sections.value.receipts);
  if (!receipts.ok) return receipts;
  return success({
    header: header.value,
    hash,
    transactions: transactions.value,
    signatures: signatures.value,
    receipts: receipts.value,
  });
}

/** @param section `signatures` of the sections */
export function decodeSignatures(section: Uint8Array): Result<BlockSignature[], RlpReason> {
  return readSection(section, (items) => {
    const signatures: BlockSignature[] = [];
    items.list(MAX_SEALERS, (list) => signatures.push(list.record(readSignature)));
    return signatures;
  });
}

/** @param section `receipts` of the sections */
export function decodeReceipts(section: Uint8Array): Result<Receipt[], RlpReason> {
  return readSection(section, (items) => {
    const receipts: Receipt[] = [];
    items.list(MAX_BLOCK_TRANSACTIONS, (list) => receipts.push(list.record(readReceipt)));
    return receipts;
  });
}

function readSection<T>(section: Uint8Array, read: (items: RlpCursor) => T): Result<T, RlpReason> {
  const items = new RlpCursor(section, 0, section.length);
  const value = read(items);
  if (!items.atEnd) items.fail('TooManyItems');
  return items.failed === undefined ? success(value) : failure(items.failed);
}

function readSignature(items: RlpCursor): BlockSignature {
  const index = items.safeInteger();
  const signature = items.string();
  if (signature.length > MAX_SIGNATURE_BYTES) items.fail('WrongLength');
  return { index, signature };
}
