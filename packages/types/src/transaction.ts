/**
 * Transactions: fields, encoding, hashes, signature. The bytes of a transaction are decoded once on a node and carried
 * as `raw` from then on. Facts: docs/formats.md, "Transaction".
 */
import { EMPTY_BYTES, equalBytes, toBigInt, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { BytePool } from '@menglian/base/pooledBytes';
import { failure, type Result, success } from '@menglian/base/result';
import { encodeRlp, encodeRlpList, rlpInteger } from '@menglian/codec/rlp';
import { openRlpList, type RlpCursor, type RlpReason } from '@menglian/codec/rlpCursor';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Address, ADDRESS_BYTES, addressBytes, addressOfPublicKey } from './address.js';
import { BATCH_BYTES_FULL, HashBatch } from './hashBatch.js';
import { MAX_TRANSACTION_BYTES } from './limits.js';
import { type NonceKey, nonceKey } from './nonceKey.js';

/** What the sender signs. Integers are below 2^256. */
export interface TransactionFields {
  /** Random, unique in its group; not a counter of the account. */
  readonly nonce: bigint;
  readonly gasPrice: bigint;
  /** Limits nothing; enters the cap of the refund only. */
  readonly gas: bigint;
  /** Number of the last block that may hold the transaction. */
  readonly blockLimit: bigint;
  /** undefined: `data` is the init code of a new contract. */
  readonly to: Address | undefined;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly chainId: bigint;
  readonly groupId: bigint;
  /** Free text of the sender. */
  readonly extraData: Uint8Array;
}

/** A decoded transaction. Its byte arrays are views: do not change them. */
export interface Transaction extends TransactionFields {
  /** Canonical encoding with signature; `hash` is of these bytes. */
  readonly raw: Uint8Array;
  readonly hash: Uint8Array;
  /** The hash as 64 hexadecimal characters, the key of maps. */
  readonly id: string;
  readonly nonceKey: NonceKey;
}

/** One whose signature nobody has checked. */
export interface UncheckedTransaction extends Transaction {
  /** In the form of the suite: ecdsa r ‖ s ‖ v with v of 0 or 1, sm r ‖ s ‖ public key. */
  readonly signature: Uint8Array;
  /** What the signature signs: hash of the encoding without signature. */
  readonly signingHash: Uint8Array;
}

/** One whose signature was checked: what a pool holds for long, so with nothing that only the check needs. */
export interface SignedTransaction extends Transaction {
  readonly sender: Address;
  /** of the suite `sm`: what lets others check its signature together with many (`CryptoSuite.recoverMany`), if known */
  readonly parity?: 0 | 1 | undefined;
}

/** Why bytes are no transaction: the words of 2.x, which its clients search for in errors. */
export type TransactionReason =
  /** A length is not in its shortest form. */
  | 'BadRLP'
  /** Bytes follow the list. */
  | 'OversizeRLP'
  /** A length points beyond the data. */
  | 'UndersizeRLP'
  /** An item is not of its field's kind: an integer with a leading zero, an address of 19 bytes, a list as data. */
  | 'BadCast'
  /** Not a list, or too few items. */
  | 'InvalidFormat'
  /** The recovery number is not 27 or 28 (ecdsa). */
  | 'InvalidSignature'
  /** More than MAX_TRANSACTION_BYTES; 2.x has no such word, its limit is the memory. */
  | 'TooLarge';

/** ecdsa writes the recovery number 0 or 1 as 27 or 28. */
const RECOVERY_BASE = 27;
const PUBLIC_KEY_BYTES = 64;
const SCALAR_BYTES = 32;
const HASH_BYTES = 32;
/** Items of a signature, the last of either form: v or the public key, r, s. */
const SIGNATURE_ITEMS = 3;

/** An item that was not canonical, by its place in the bytes, and the item that is hashed in its stead. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly item: Uint8Array;
}

/**
 * Decodes a signed transaction.
 *
 * Like 2.x it takes three oddities, and hashes what they mean rather than what they say: items after the 13th are
 * dropped, an empty list as `to` is a deployment, a list as `extraData` is empty. With sm it also takes a public key that
 * lost its leading zero bytes.
 * @param bytes kept as view by the result
 */
export function decodeTransaction(
  suite: CryptoSuite,
  bytes: Uint8Array,
): Result<UncheckedTransaction, TransactionReason> {
  return decodeAll(suite, [bytes], undefined, true)[0]!;
}

/** Hash of the bytes of a transaction. */
export interface KnownHash {
  readonly hash: Uint8Array;
  /** the same as 64 hexadecimal characters */
  readonly id: string;
}

/**
 * `decodeTransaction` of many, at less than the price of each: their hashes are computed together.
 * @param raws kept as views by the results
 * @param known hashes of these bytes, where somebody has computed them: kept, too
 */
export function decodeTransactions(
  suite: CryptoSuite,
  raws: readonly Uint8Array[],
  known?: readonly KnownHash[],
): Result<UncheckedTransaction, TransactionReason>[] {
  return decodeAll(suite, raws, known, true);
}

/** Decodes the form of chains of supported_version 2.0.0-rc1: without chain id, group id and extra data (read as 0). */
export function decodeLegacyTransaction(
  suite: CryptoSuite,
  bytes: Uint8Array,
): Result<UncheckedTransaction, TransactionReason> {
  return decodeAll(suite, [bytes], undefined, false)[0]!;
}

/** Checks the signature and finds who made it. @returns undefined when the signature is not valid */
export function verifyTransaction(
  suite: CryptoSuite,
  transaction: UncheckedTransaction,
): SignedTransaction | undefined {
  const publicKey = suite.recover(transaction.signingHash, transaction.signature);
  if (publicKey === undefined) return undefined;
  return withSender(transaction, addressOfPublicKey(suite, publicKey));
}

/** Field by field: objects that are spread have their last fields in another place, and every look at them costs more. */
export function withSender(transaction: Transaction, sender: Address, parity?: 0 | 1): SignedTransaction {
  return {
    nonce: transaction.nonce,
    gasPrice: transaction.gasPrice,
    gas: transaction.gas,
    blockLimit: transaction.blockLimit,
    to: transaction.to,
    value: transaction.value,
    data: transaction.data,
    chainId: transaction.chainId,
    groupId: transaction.groupId,
    extraData: transaction.extraData,
    raw: transaction.raw,
    hash: transaction.hash,
    id: transaction.id,
    nonceKey: transaction.nonceKey,
    sender,
    parity,
  };
}

/**
 * The signature of a transaction, read from its encoding: nobody but clients asks for it once it was checked.
 * @returns in the form of the suite, see `UncheckedTransaction`
 */
export function signatureOf(suite: CryptoSuite, { raw }: Transaction): Uint8Array {
  const [counted, items] = [openRlpList(raw), openRlpList(raw)];
  invariant(counted.ok && items.ok, 'types/raw-is-canonical');
  let count = 0;
  while (counted.value.next()) count++;
  for (let skipped = 0; skipped < count - SIGNATURE_ITEMS; skipped++) items.value.next();
  const signature = readSignature(suite, items.value, []);
  invariant(signature !== undefined && items.value.failed === undefined, 'types/raw-is-canonical');
  return signature;
}

/** The encoding without signature, whose hash is signed. */
export function encodeUnsigned(fields: TransactionFields): Uint8Array {
  return encodeRlp(unsignedItems(fields));
}

/** @param privateKey 32 bytes, valid for the suite */
export function signTransaction(
  suite: CryptoSuite,
  fields: TransactionFields,
  privateKey: Uint8Array,
): SignedTransaction {
  const signingHash = suite.hash(encodeUnsigned(fields));
  const signature = suite.sign(signingHash, privateKey);
  const raw = encodeRlp([...unsignedItems(fields), ...signatureItems(suite, signature)]);
  invariant(raw.length <= MAX_TRANSACTION_BYTES, 'types/transaction-size');
  const sender = addressOfPublicKey(suite, suite.publicKey(privateKey));
  const hash = suite.hash(raw);
  const keys = { id: toHex(hash), nonceKey: nonceKey(fields.nonce) };
  return { ...fields, ...keys, raw, hash, sender };
}

function unsignedItems(fields: TransactionFields): Uint8Array[] {
  return [
    rlpInteger(fields.nonce),
    rlpInteger(fields.gasPrice),
    rlpInteger(fields.gas),
    rlpInteger(fields.blockLimit),
    fields.to === undefined ? EMPTY_BYTES : addressBytes(fields.to),
    rlpInteger(fields.value),
    fields.data,
    rlpInteger(fields.chainId),
    rlpInteger(fields.groupId),
    fields.extraData,
  ];
}

function signatureItems(suite: CryptoSuite, signature: Uint8Array): Uint8Array[] {
  invariant(signature.length === suite.signatureLength, 'types/signature-length');
  const r = rlpInteger(toBigInt(signature.subarray(0, SCALAR_BYTES)));
  const s = rlpInteger(toBigInt(signature.subarray(SCALAR_BYTES, 2 * SCALAR_BYTES)));
  const rest = signature.subarray(2 * SCALAR_BYTES);
  return [suite.name === 'sm' ? rest : rlpInteger(rest[0]! + RECOVERY_BASE), r, s];
}

/** A transaction whose hashes are still to come. */
interface Draft {
  readonly transaction: Mutable<UncheckedTransaction>;
  /** Its place in `wholeTexts`; undefined when the hash was known. */
  readonly wholePlace: number | undefined;
  readonly signingPlace: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Texts of the transactions being decoded: nothing can interrupt a synchronous function. */
const wholeTexts = new HashBatch();
const signingTexts = new HashBatch();

function decodeAll(
  suite: CryptoSuite,
  raws: readonly Uint8Array[],
  known: readonly KnownHash[] | undefined,
  hasGroup: boolean,
): Result<UncheckedTransaction, TransactionReason>[] {
  const results: Result<UncheckedTransaction, TransactionReason>[] = [];
  let drafts: Draft[] = [];
  for (const [index, raw] of raws.entries()) {
    const draft = readForm(suite, raw, hasGroup, known?.[index]);
    if (draft.ok) {
      drafts.push(draft.value);
      results.push(success(draft.value.transaction));
    } else results.push(draft);
    if (signingTexts.bytes < BATCH_BYTES_FULL && wholeTexts.bytes < BATCH_BYTES_FULL) continue;
    hashDrafts(suite, drafts);
    drafts = [];
  }
  hashDrafts(suite, drafts);
  return results;
}

function hashDrafts(suite: CryptoSuite, drafts: readonly Draft[]): void {
  const wholeHashes = wholeTexts.take(suite);
  const signingHashes = signingTexts.take(suite);
  for (const { transaction, wholePlace, signingPlace } of drafts) {
    transaction.signingHash = hashAt(signingHashes, signingPlace);
    if (wholePlace === undefined) continue;
    transaction.hash = hashAt(wholeHashes, wholePlace);
    transaction.id = toHex(transaction.hash);
  }
}

function hashAt(hashes: Uint8Array, place: number): Uint8Array {
  return hashes.subarray(HASH_BYTES * place, HASH_BYTES * (place + 1));
}

/** Reads the items, and adds what is to be hashed to the two batches if they are a transaction. */
function readForm(
  suite: CryptoSuite,
  bytes: Uint8Array,
  hasGroup: boolean,
  knownHash: KnownHash | undefined,
): Result<Draft, TransactionReason> {
  if (bytes.length > MAX_TRANSACTION_BYTES) return failure('TooLarge');
  const opened = openRlpList(bytes);
  if (!opened.ok) return failure(opened.reason === 'WrongKind' ? 'InvalidFormat' : transactionReason(opened.reason));
  const items = opened.value;
  const replaced: Replacement[] = [];

  const start = items.itemEnd;
  const nonce = items.integer();
  const gasPrice = items.integer();
  const gas = items.integer();
  const blockLimit = items.integer();
  const to = readRecipient(items, replaced);
  const value = items.integer();
  const data = items.string();
  const chainId = hasGroup ? items.integer() : 0n;
  const groupId = hasGroup ? items.integer() : 0n;
  const extraData = hasGroup ? readExtraData(items, replaced) : EMPTY_BYTES;
  const unsignedEnd = items.itemEnd;
  const signature = readSignature(suite, items, replaced);
  const signedEnd = items.itemEnd;
  let hasSurplus = false;
  while (!items.atEnd) hasSurplus = items.next();
  if (items.failed !== undefined) return failure(transactionReason(items.failed));
  if (signature === undefined) return failure('InvalidSignature');

  const isCanonical = !hasSurplus && replaced.length === 0;
  const raw = isCanonical ? bytes : encodeItems(bytes, start, signedEnd, replaced);
  const signingPlace =
    replaced.length === 0
      ? signingTexts.addList(bytes.subarray(start, unsignedEnd))
      : signingTexts.add(encodeItems(bytes, start, unsignedEnd, replaced));
  const known = isCanonical ? knownHash : undefined;
  const transaction = {
    nonce,
    gasPrice,
    gas,
    blockLimit,
    to,
    value,
    data,
    chainId,
    groupId,
    extraData,
    raw,
    hash: known?.hash ?? EMPTY_BYTES,
    id: known?.id ?? '',
    nonceKey: nonceKey(nonce),
    signature,
    signingHash: EMPTY_BYTES,
  };
  return success({ transaction, wholePlace: known === undefined ? wholeTexts.add(raw) : undefined, signingPlace });
}

function readRecipient(items: RlpCursor, replaced: Replacement[]): Address | undefined {
  if (!items.next()) return undefined;
  const length = items.itemEnd - items.contentStart;
  if (length === 0) {
    if (items.isList) replaced.push(replaceItem(items, EMPTY_BYTES));
    return undefined;
  }
  if (items.isList) items.fail('WrongKind');
  else if (length !== ADDRESS_BYTES) items.fail('WrongLength');
  return items.failed === undefined ? recipientOf(items.content()) : undefined;
}

/** Recipients met lately, each in the place that its last byte gives it: most transactions of a pool have one of a few. */
const recentRecipients: { readonly bytes: Uint8Array; readonly address: Address }[] = [];

function recipientOf(bytes: Uint8Array): Address {
  const place = bytes[ADDRESS_BYTES - 1]!;
  const recent = recentRecipients[place];
  if (recent !== undefined && equalBytes(recent.bytes, bytes)) return recent.address;
  const address = toHex(bytes);
  recentRecipients[place] = { bytes: bytes.slice(), address };
  return address;
}

function readExtraData(items: RlpCursor, replaced: Replacement[]): Uint8Array {
  if (!items.next()) return EMPTY_BYTES;
  if (!items.isList) return items.content();
  replaced.push(replaceItem(items, EMPTY_BYTES));
  return EMPTY_BYTES;
}

/** Signatures live until they are checked, which is not as long as the rest of a transaction. */
const signatures = new BytePool();

/** @returns undefined when the recovery number is not one; whatever fails to read shows in `items` */
function readSignature(suite: CryptoSuite, items: RlpCursor, replaced: Replacement[]): Uint8Array | undefined {
  const signature = signatures.take(suite.signatureLength);
  let isOfSuite = true;
  if (suite.name === 'sm') {
    const publicKey = items.string();
    if (publicKey.length > PUBLIC_KEY_BYTES) items.fail('WrongLength');
    else signature.set(publicKey, signature.length - publicKey.length);
    if (items.failed === undefined && publicKey.length < PUBLIC_KEY_BYTES) {
      replaced.push(replaceItem(items, signature.subarray(2 * SCALAR_BYTES)));
    }
  } else {
    const bytes = items.integerBytes();
    const recovery = bytes.length === 1 ? bytes[0]! - RECOVERY_BASE : -1;
    isOfSuite = recovery === 0 || recovery === 1;
    if (isOfSuite) signature[2 * SCALAR_BYTES] = recovery;
  }
  items.copyInteger(signature, SCALAR_BYTES);
  items.copyInteger(signature, 2 * SCALAR_BYTES);
  return isOfSuite ? signature : undefined;
}

function replaceItem(items: RlpCursor, content: Uint8Array): Replacement {
  return { start: items.itemStart, end: items.itemEnd, item: encodeRlp(content) };
}

/** The list of the items from `start` to `end`. All but those replaced are canonical as they stand. */
function encodeItems(bytes: Uint8Array, start: number, end: number, replaced: readonly Replacement[]): Uint8Array {
  if (replaced.length === 0) return encodeRlpList(bytes.subarray(start, end));
  const pieces: Uint8Array[] = [];
  let position = start;
  for (const replacement of replaced) {
    if (replacement.start >= end) break;
    pieces.push(bytes.subarray(position, replacement.start), replacement.item);
    position = replacement.end;
  }
  pieces.push(bytes.subarray(position, end));
  return encodeRlpList(...pieces);
}

function transactionReason(reason: RlpReason): TransactionReason {
  switch (reason) {
    case 'OversizeRLP':
    case 'UndersizeRLP':
    case 'BadRLP':
      return reason;
    case 'LeadingZero':
    case 'IntegerTooLarge':
    case 'WrongKind':
    case 'WrongLength':
      return 'BadCast';
    case 'MissingItem':
    case 'TooManyItems':
    case 'TooDeep':
      return 'InvalidFormat';
  }
}
