/**
 * What state keys and values hold. Keys: one letter for the kind, then fixed fields. Values: a version byte, then fixed
 * layouts; a record has exactly one encoding, because the digest is of the bytes. Values of the store that do not decode
 * are damage, and throw LedgerError.
 */
import { fromBigIntMinimal, toBigInt, toByteString, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { type Address, ADDRESS_BYTES, addressBytes } from '@menglian/types/address';
import { LedgerError } from './errors.js';
import { MAX_MANAGERS, MAX_ROW_FIELDS, MAX_ROWS } from './limits.js';

/** An account or contract: what the table `c_<address>` of 2.x holds beside storage. */
export interface AccountRecord {
  /** 32 bytes; the suite's empty hash when there is no code. */
  readonly codeHash: Uint8Array;
  /** Contracts this account has made, failed creations included; the `nonce` of 2.x. */
  readonly creationCount: bigint;
  readonly frozen: boolean;
  /** The `authority` rows in the order of their insertion. */
  readonly managers: readonly Address[];
  /** undefined: no gas was ever charged. */
  readonly remainGas: bigint | undefined;
  readonly destroyed: boolean;
}

/** A row of a table. Names and values are byte strings. */
export interface Row {
  /** Order of first insertion among the rows of its table and key; ascending in a list of rows. */
  readonly id: number;
  /** All fields, the key field included. */
  readonly fields: ReadonlyMap<string, string>;
  /** Number of the block that last wrote it. */
  readonly block: number;
}

const VERSION = 1;
const HASH_BYTES = 32;
const WORD_BYTES = 32;
const MASK_64 = 0xffff_ffff_ffff_ffffn;
const MAX_ROW_ID = 0xffff_ffff;

const Kind = {
  account: 0x61, // a ‖ address
  code: 0x63, // c ‖ code hash
  rows: 0x72, // r ‖ length of table (one byte, or ff and four) ‖ table ‖ key
  storage: 0x73, // s ‖ address ‖ slot
} as const;

const LONG_TABLE_NAME = 0xff;

const Flag = { frozen: 1, destroyed: 2, hasRemainGas: 4 } as const;
const ALL_FLAGS = 7;

export function accountKey(address: Address): Uint8Array {
  const key = new Uint8Array(1 + ADDRESS_BYTES);
  key[0] = Kind.account;
  key.set(addressBytes(address), 1);
  return key;
}

/** @param slot below 2^256 */
export function storageKey(address: Address, slot: bigint): Uint8Array {
  invariant(slot >= 0n && slot >> 256n === 0n, 'ledger/storage-slot');
  const key = new Uint8Array(1 + ADDRESS_BYTES + WORD_BYTES);
  key[0] = Kind.storage;
  key.set(addressBytes(address), 1);
  const view = new DataView(key.buffer, 1 + ADDRESS_BYTES);
  view.setBigUint64(0, slot >> 192n);
  view.setBigUint64(8, (slot >> 128n) & MASK_64);
  view.setBigUint64(16, (slot >> 64n) & MASK_64);
  view.setBigUint64(24, slot & MASK_64);
  return key;
}

export function codeKey(codeHash: Uint8Array): Uint8Array {
  invariant(codeHash.length === HASH_BYTES, 'ledger/code-hash-length');
  const key = new Uint8Array(1 + HASH_BYTES);
  key[0] = Kind.code;
  key.set(codeHash, 1);
  return key;
}

/**
 * The rows of one table and key are one value. Any length of text has a key of its own: contracts may ask for rows that
 * they could not write.
 * @param table full name with its prefix; both are byte strings
 */
export function rowsKey(table: string, key: string): Uint8Array {
  const isShort = table.length < LONG_TABLE_NAME;
  const nameStart = isShort ? 2 : 6;
  const bytes = new Uint8Array(nameStart + table.length + key.length);
  bytes[0] = Kind.rows;
  bytes[1] = isShort ? table.length : LONG_TABLE_NAME;
  if (!isShort) putInteger(bytes, 2, 4, table.length);
  putText(bytes, putText(bytes, nameStart, table), key);
  return bytes;
}

/** What a state key names. */
export type StatePlace =
  | { readonly kind: 'account'; readonly address: Address }
  | { readonly kind: 'slot'; readonly address: Address; readonly slot: bigint }
  | { readonly kind: 'rows'; readonly table: string; readonly key: string }
  | { readonly kind: 'code'; readonly codeHash: Uint8Array };

/** Inverse of the functions above, for keys that they made. */
export function statePlace(key: Uint8Array): StatePlace {
  const rest = key.subarray(1);
  switch (key[0]) {
    case Kind.account:
      return { kind: 'account', address: toHex(rest) };
    case Kind.storage: {
      const address = toHex(rest.subarray(0, ADDRESS_BYTES));
      return { kind: 'slot', address, slot: toBigInt(rest.subarray(ADDRESS_BYTES)) };
    }
    case Kind.code:
      return { kind: 'code', codeHash: rest };
    default: {
      invariant(key[0] === Kind.rows, 'ledger/state-key');
      const isShort = rest[0]! < LONG_TABLE_NAME;
      const text = rest.subarray(isShort ? 1 : 5);
      const length = isShort ? rest[0]! : new DataView(rest.buffer, rest.byteOffset).getUint32(1);
      return { kind: 'rows', table: toByteString(text.subarray(0, length)), key: toByteString(text.subarray(length)) };
    }
  }
}

/** @returns undefined for 0, which is an absent value */
export function encodeStorageWord(value: bigint): Uint8Array | undefined {
  invariant(value >= 0n && value >> 256n === 0n, 'ledger/storage-word');
  return value === 0n ? undefined : fromBigIntMinimal(value);
}

/** @throws LedgerError */
export function decodeStorageWord(bytes: Uint8Array): bigint {
  if (bytes.length === 0 || bytes.length > WORD_BYTES || bytes[0] === 0) throw corrupt('storage word');
  return toBigInt(bytes);
}

export function encodeAccount(account: AccountRecord): Uint8Array {
  invariant(account.codeHash.length === HASH_BYTES, 'ledger/code-hash-length');
  invariant(account.managers.length <= MAX_MANAGERS, 'ledger/managers');
  const flags =
    (account.frozen ? Flag.frozen : 0) |
    (account.destroyed ? Flag.destroyed : 0) |
    (account.remainGas === undefined ? 0 : Flag.hasRemainGas);
  const writer = new BinaryWriter(64 + ADDRESS_BYTES * account.managers.length);
  writer.u8(VERSION).u8(flags).bytes(account.codeHash);
  writeInteger(writer, account.creationCount);
  writer.u32(account.managers.length);
  for (const manager of account.managers) writer.bytes(addressBytes(manager));
  if (account.remainGas !== undefined) writeInteger(writer, account.remainGas);
  return writer.finish();
}

/** @throws LedgerError */
export function decodeAccount(bytes: Uint8Array): AccountRecord {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== VERSION) reader.fail('BadValue');
  const flags = reader.u8();
  if (flags > ALL_FLAGS) reader.fail('BadValue');
  const codeHash = reader.bytes(HASH_BYTES);
  const creationCount = readInteger(reader);
  const managers: Address[] = [];
  const managerCount = reader.count(MAX_MANAGERS, ADDRESS_BYTES);
  for (let i = 0; i < managerCount; i++) managers.push(toHex(reader.bytes(ADDRESS_BYTES)));
  const remainGas = (flags & Flag.hasRemainGas) === 0 ? undefined : readInteger(reader);
  if (reader.end() !== undefined) throw corrupt('account');
  return {
    codeHash,
    creationCount,
    frozen: (flags & Flag.frozen) !== 0,
    managers,
    remainGas,
    destroyed: (flags & Flag.destroyed) !== 0,
  };
}

/**
 * Version, the field names that occur, ascending, then each row: id, block, and for each name the value's length + 1 and
 * the value, or 0 for a field the row does not have.
 * @param rows ids ascending, at least one (no rows are an absent value)
 */
export function encodeRows(rows: readonly Row[]): Uint8Array {
  invariant(rows.length > 0 && rows.length <= MAX_ROWS, 'ledger/rows-count');
  const names = fieldNames(rows);
  // Rows are written for most transactions: the length is counted first, so that they go straight to their place.
  let valueBytes = 0;
  for (const { fields } of rows) for (const value of fields.values()) valueBytes += value.length;
  const bytes = new Uint8Array(encodedLength(names, rows.length, valueBytes));
  let at = putNames(bytes, names, rows.length);
  let lastId = -1;
  for (const row of rows) {
    invariant(row.id > lastId, 'ledger/rows-order');
    lastId = row.id;
    at = putRowHead(bytes, at, row.id, row.block);
    for (const name of names) at = putValue(bytes, at, row.fields.get(name));
  }
  return bytes;
}

/**
 * `encodeRows` of the one row `like` after `block` set `field`, which it has, to `text`: a row whose balance changes all the
 * time is not made for it.
 */
export function encodeChangedRow(like: Row, field: string, text: string, block: number): Uint8Array {
  const names = fieldNames([like]);
  let valueBytes = text.length - like.fields.get(field)!.length;
  for (const value of like.fields.values()) valueBytes += value.length;
  const bytes = new Uint8Array(encodedLength(names, 1, valueBytes));
  let at = putRowHead(bytes, putNames(bytes, names, 1), like.id, block);
  for (const name of names) at = putValue(bytes, at, name === field ? text : like.fields.get(name));
  return bytes;
}

function encodedLength(names: readonly string[], rowCount: number, valueBytes: number): number {
  let length = 1 + 2 + 4 + (12 + 4 * names.length) * rowCount + valueBytes;
  for (const name of names) length += 2 + name.length;
  return length;
}

function putNames(bytes: Uint8Array, names: readonly string[], rowCount: number): number {
  bytes[0] = VERSION;
  let at = putInteger(bytes, 1, 2, names.length);
  for (const name of names) at = putText(bytes, putInteger(bytes, at, 2, name.length), name);
  return putInteger(bytes, at, 4, rowCount);
}

function putRowHead(bytes: Uint8Array, at: number, id: number, block: number): number {
  invariant(id <= MAX_ROW_ID, 'ledger/row-id');
  invariant(Number.isSafeInteger(block) && block >= 0, 'ledger/row-block');
  return putInteger(bytes, putInteger(bytes, at, 4, id), 8, block);
}

function putValue(bytes: Uint8Array, at: number, value: string | undefined): number {
  if (value === undefined) return putInteger(bytes, at, 4, 0);
  return putText(bytes, putInteger(bytes, at, 4, value.length + 1), value);
}

/** Big-endian. @returns where the next thing goes */
function putInteger(bytes: Uint8Array, at: number, width: number, value: number): number {
  let rest = value;
  for (let i = at + width - 1; i >= at; i--) {
    bytes[i] = rest;
    rest = Math.floor(rest / 256);
  }
  return at + width;
}

/** @returns where the next thing goes. @throws RangeError when it is not a byte string */
function putText(bytes: Uint8Array, at: number, text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw new RangeError('not a byte string');
    bytes[at + i] = code;
  }
  return at + length;
}

/** @throws LedgerError */
export function decodeRows(bytes: Uint8Array): Row[] {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== VERSION) reader.fail('BadValue');
  const names = readFieldNames(reader);
  const used = new Set<string>();
  const rows: Row[] = [];
  const count = reader.count(MAX_ROWS, 12 + 4 * names.length);
  let lastId = -1;
  for (let i = 0; i < count && reader.failed === undefined; i++) {
    const id = reader.u32();
    if (id <= lastId) reader.fail('BadValue');
    lastId = id;
    const block = reader.u64();
    const fields = new Map<string, string>();
    for (const name of names) {
      const lengthPlusOne = reader.u32();
      if (lengthPlusOne === 0) continue;
      fields.set(name, toByteString(reader.bytes(lengthPlusOne - 1)));
      used.add(name);
    }
    rows.push({ id, fields, block });
  }
  if (reader.end() !== undefined || rows.length === 0 || used.size !== names.length) throw corrupt('table rows');
  return rows;
}

/** Every name that some row has, in byte order: independent of how the maps were filled. */
function fieldNames(rows: readonly Row[]): string[] {
  const [first] = rows;
  if (rows.length === 1 && first !== undefined) {
    invariant(first.fields.size <= MAX_ROW_FIELDS, 'ledger/row-fields');
    return [...first.fields.keys()].sort();
  }
  const names = new Set<string>();
  for (const row of rows) for (const name of row.fields.keys()) names.add(name);
  invariant(names.size <= MAX_ROW_FIELDS, 'ledger/row-fields');
  return [...names].sort();
}

function readFieldNames(reader: BinaryReader): string[] {
  const count = reader.u16();
  if (count > MAX_ROW_FIELDS) reader.fail('TooLong');
  const names: string[] = [];
  for (let i = 0; i < count && reader.failed === undefined; i++) {
    const name = toByteString(reader.bytes(reader.u16()));
    if (i > 0 && name <= names[i - 1]!) reader.fail('BadValue');
    names.push(name);
  }
  return names;
}

/** An unsigned integer of up to 255 bytes: its length, then its shortest bytes. */
function writeInteger(writer: BinaryWriter, value: bigint): void {
  const bytes = fromBigIntMinimal(value);
  writer.u8(bytes.length).bytes(bytes);
}

function readInteger(reader: BinaryReader): bigint {
  const bytes = reader.bytes(reader.u8());
  if (bytes[0] === 0) reader.fail('BadValue');
  return toBigInt(bytes);
}

function corrupt(what: string): LedgerError {
  return new LedgerError('ledger/corrupt-state', `a stored ${what} is damaged; restore the data folder from a copy`);
}
