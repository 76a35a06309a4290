/**
 * One block is one value of the store: five sections behind a table of their lengths and checksums. A reader decodes
 * the sections it asks for and no others; the header never needs the transactions.
 */
import { crc32 } from 'node:zlib';
import { concatBytes, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, type Result, success } from '@menglian/base/result';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { encodeRlp, rlpInteger } from '@menglian/codec/rlp';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Address, ADDRESS_BYTES } from '@menglian/types/address';
import { type Block, type BlockSignature, decodeSignatures } from '@menglian/types/block';
import { type BlockHeader, decodeHeader, encodeHeader } from '@menglian/types/header';
import { MAX_BLOCK_TRANSACTIONS } from '@menglian/types/limits';
import type { Receipt } from '@menglian/types/receipt';
import {
  decodeLegacyTransaction,
  decodeTransaction,
  type SignedTransaction,
  withSender,
} from '@menglian/types/transaction';
import { decodeTransactionTable, encodeTransactionTable } from '@menglian/types/transactionTable';
import { LedgerError } from './errors.js';
import { readReceipt, writeReceipt } from './storedReceipt.js';

const VERSION = 1;
const HASH_BYTES = 32;
const SECTIONS = ['header', 'signatures', 'transactions', 'facts', 'receipts'] as const;
type Section = (typeof SECTIONS)[number];
/** version, then length and checksum of each section, then the checksum of all that */
const TABLE_BYTES = 1 + 8 * SECTIONS.length + 4;

/** What a node found out about a transaction once and keeps, because finding it again costs a signature check. */
export interface TransactionFacts {
  readonly hash: Uint8Array;
  readonly sender: Address;
}

export type StoredBlockReason = 'BadTable' | 'BadChecksum' | 'BadHeader';

/** @param facts one for each transaction of the block, which has a receipt for each, too */
export function encodeStoredBlock(block: Block, facts: readonly TransactionFacts[]): Uint8Array {
  invariant(block.receipts.length === block.transactions.length, 'ledger/receipt-count');
  invariant(facts.length === block.transactions.length, 'ledger/facts-count');
  const sections = [
    encodeHeader(block.header),
    encodeRlp(block.signatures.map(({ index, signature }) => [rlpInteger(index), signature])),
    encodeTransactionTable(block.transactions),
    encodeFacts(facts),
    encodeReceipts(block),
  ];
  const table = new BinaryWriter(TABLE_BYTES);
  table.u8(VERSION);
  for (const section of sections) table.u32(section.length).u32(crc32(section));
  table.u32(crc32(table.finish()));
  return concatBytes(table.finish(), ...sections);
}

/** Reads the table and the header. @param bytes kept as views by the result */
export function decodeStoredBlock(suite: CryptoSuite, bytes: Uint8Array): Result<StoredBlock, StoredBlockReason> {
  const sections = readTable(bytes);
  if (sections === undefined) return failure('BadTable');
  if (!isIntact(sections.header)) return failure('BadChecksum');
  const header = decodeHeader(sections.header.bytes);
  if (!header.ok) return failure('BadHeader');
  return success(new StoredBlock(suite, header.value, suite.hash(sections.header.bytes), sections, bytes.length));
}

interface SectionBytes {
  readonly bytes: Uint8Array;
  readonly checksum: number;
}

function isIntact(section: SectionBytes): boolean {
  return crc32(section.bytes) === section.checksum;
}

function readTable(bytes: Uint8Array): Readonly<Record<Section, SectionBytes>> | undefined {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== VERSION) return undefined;
  const entries = SECTIONS.map((name) => ({ name, length: reader.u32(), checksum: reader.u32() }));
  const checksum = reader.u32();
  if (reader.failed !== undefined || crc32(bytes.subarray(0, TABLE_BYTES - 4)) !== checksum) return undefined;
  const sections: Partial<Record<Section, SectionBytes>> = {};
  for (const { name, length, checksum } of entries) sections[name] = { bytes: reader.bytes(length), checksum };
  return reader.end() === undefined ? (sections as Record<Section, SectionBytes>) : undefined;
}

/**
 * A block of the store. Parts are decoded when first asked for and then kept. What turns out damaged throws LedgerError:
 * each part was written whole, so damage is the disk's and the node must not answer from it.
 */
export class StoredBlock implements Block {
  readonly #suite: CryptoSuite;
  readonly #sections: Readonly<Record<Section, SectionBytes>>;
  #signatures: readonly BlockSignature[] | undefined;
  #transactions: readonly Uint8Array[] | undefined;
  #facts: Facts | undefined;
  #receiptBytes: readonly Uint8Array[] | undefined;
  #receipts: readonly Receipt[] | undefined;

  constructor(
    suite: CryptoSuite,
    readonly header: BlockHeader,
    readonly hash: Uint8Array,
    sections: Readonly<Record<Section, SectionBytes>>,
    /** Bytes of the stored value. */
    readonly storedBytes: number,
  ) {
    this.#suite = suite;
    this.#sections = sections;
  }

  get signatures(): readonly BlockSignature[] {
    this.#signatures ??= this.#check('signatures', decodeSignatures(this.#section('signatures')));
    return this.#signatures;
  }

  /** Signed, raw. */
  get transactions(): readonly Uint8Array[] {
    this.#transactions ??= this.#check('transactions', decodeTransactionTable(this.#section('transactions')));
    return this.#transactions;
  }

  get transactionCount(): number {
    return this.#readFacts().count;
  }

  get transactionHashes(): readonly Uint8Array[] {
    return Array.from({ length: this.transactionCount }, (_, index) => this.transactionHash(index));
  }

  /** @param index below transactionCount, like in the methods that follow */
  transactionHash(index: number): Uint8Array {
    return this.#readFacts().hash(index);
  }

  /** Who signed the transaction, as found when the block was stored. */
  sender(index: number): Address {
    return this.#readFacts().sender(index);
  }

  /** The transaction decoded, without checking its signature again. */
  signedTransaction(index: number): SignedTransaction {
    const raw = this.transactions[index]!;
    const current = decodeTransaction(this.#suite, raw);
    const decoded = current.ok ? current : decodeLegacyTransaction(this.#suite, raw);
    return withSender(this.#check('transactions', decoded), this.sender(index));
  }

  get receipts(): readonly Receipt[] {
    this.#receipts ??= Array.from({ length: this.transactionCount }, (_, index) => this.receipt(index));
    return this.#receipts;
  }

  /** One receipt, without decoding the others. */
  receipt(index: number): Receipt {
    if (this.#receipts !== undefined) return this.#receipts[index]!;
    this.#receiptBytes ??= this.#check('receipts', splitReceipts(this.#section('receipts'), this.transactionCount));
    const bytes = this.#receiptBytes[index];
    invariant(bytes !== undefined, 'ledger/receipt-index');
    const reader = new BinaryReader(bytes);
    return this.#check('receipts', reader.result(readReceipt(reader, this.header.stateRoot)));
  }

  #readFacts(): Facts {
    this.#facts ??= this.#check('facts', readFacts(this.#section('facts')));
    return this.#facts;
  }

  #section(name: Section): Uint8Array {
    const section = this.#sections[name];
    if (!isIntact(section)) throw this.#damage(name, 'BadChecksum');
    return section.bytes;
  }

  #check<T>(name: Section, result: Result<T>): T {
    if (!result.ok) throw this.#damage(name, result.reason);
    return result.value;
  }

  #damage(name: Section, reason: string): LedgerError {
    const where = `the ${name} of stored block ${this.header.number} (${toHex(this.hash)})`;
    return new LedgerError('ledger/corrupt-block', `${where} are damaged: ${reason}`);
  }
}

interface Facts {
  readonly count: number;
  hash(index: number): Uint8Array;
  sender(index: number): Address;
}

/** count ‖ all hashes ‖ all senders */
function encodeFacts(facts: readonly TransactionFacts[]): Uint8Array {
  // Buffer writes hexadecimal text in place, several times faster than by way of an array for each address.
  const bytes = Buffer.alloc(4 + (HASH_BYTES + ADDRESS_BYTES) * facts.length);
  bytes.writeUInt32BE(facts.length, 0);
  let hashAt = 4;
  let senderAt = 4 + HASH_BYTES * facts.length;
  for (const { hash, sender } of facts) {
    invariant(hash.length === HASH_BYTES, 'ledger/transaction-hash-length');
    bytes.set(hash, hashAt);
    hashAt += HASH_BYTES;
    senderAt += bytes.write(sender, senderAt, ADDRESS_BYTES, 'hex');
  }
  invariant(senderAt === bytes.length, 'ledger/sender-text');
  return bytes;
}

function readFacts(bytes: Uint8Array): Result<Facts> {
  const reader = new BinaryReader(bytes);
  const count = reader.count(MAX_BLOCK_TRANSACTIONS, HASH_BYTES + ADDRESS_BYTES);
  const hashes = reader.bytes(HASH_BYTES * count);
  const senders = reader.bytes(ADDRESS_BYTES * count);
  return reader.result({
    count,
    hash: (index: number) => part(hashes, HASH_BYTES, index, count),
    sender: (index: number) => toHex(part(senders, ADDRESS_BYTES, index, count)),
  });
}

function part(bytes: Uint8Array, width: number, index: number, count: number): Uint8Array {
  invariant(Number.isInteger(index) && index >= 0 && index < count, 'ledger/transaction-index');
  return bytes.subarray(width * index, width * (index + 1));
}

/** The end of each receipt, then the receipts: any one can be read without decoding the others. */
function encodeReceipts(block: Block): Uint8Array {
  const receipts = new BinaryWriter(64 * block.receipts.length);
  const ends = new BinaryWriter(4 * block.receipts.length);
  for (const receipt of block.receipts) {
    writeReceipt(receipts, receipt, block.header.stateRoot);
    ends.u32(receipts.length);
  }
  return concatBytes(ends.finish(), receipts.finish());
}

/** The bytes of each receipt. */
function splitReceipts(bytes: Uint8Array, count: number): Result<readonly Uint8Array[]> {
  const table = new BinaryReader(bytes.subarray(0, 4 * count));
  const receipts = new BinaryReader(bytes.subarray(4 * count));
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let i = 0; i < count && receipts.failed === undefined; i++) {
    const end = table.u32();
    if (table.failed !== undefined || end < start) receipts.fail('BadValue');
    parts.push(receipts.bytes(end - start));
    start = end;
  }
  return receipts.result(parts);
}
