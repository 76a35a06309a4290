/**
 * Recursive length prefix encoding: the tree form. Decoding is strict, because two encodings of one value would be two
 * hashes of one value: lengths and integers are minimal, nothing follows the item. For known layouts `rlpCursor.ts`
 * reads the same bytes without building a tree. Facts: docs/formats.md, "RLP rules".
 */
import { fromBigIntMinimal } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, type Result, success } from '@menglian/base/result';
import { RlpCursor, type RlpReason } from './rlpCursor.js';

/** A string of bytes, or a list of items. */
export type RlpItem = Uint8Array | readonly RlpItem[];

export interface RlpLimits {
  /** Lists inside lists; a string alone has depth 0. */
  readonly maxDepth: number;
  /** Strings and lists together, the outermost included. */
  readonly maxItems: number;
}

/**
 * Nothing on this chain nests deeper than five lists (block, receipts, receipt, logs, log, topics). One byte of input
 * can be one item of about 100 bytes of memory, hence the bound on items.
 */
const DEFAULT_LIMITS: RlpLimits = { maxDepth: 16, maxItems: 65_536 };

/** Content of the item that stands for an unsigned integer: the shortest big-endian bytes, nothing for zero. */
export function rlpInteger(value: bigint | number): Uint8Array {
  if (typeof value === 'bigint') return fromBigIntMinimal(value);
  invariant(Number.isSafeInteger(value) && value >= 0, 'codec/rlp-integer');
  let length = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) length++;
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** The whole encoded item of an unsigned integer. */
export function encodeRlpInteger(value: bigint | number): Uint8Array {
  return encodeRlp(rlpInteger(value));
}

/** Encodes a tree that our own code built; its depth is not limited. */
export function encodeRlp(item: RlpItem): Uint8Array {
  // Content lengths of the lists in the order they are met: each is needed twice, and computed once.
  const listLengths: number[] = [];
  const bytes = new Uint8Array(encodedLength(item, listLengths));
  const cursor = { position: 0, list: 0 };
  writeItem(item, bytes, cursor, listLengths);
  return bytes;
}

/**
 * A list whose items are encoded already.
 * @param items concatenated encodings of the items, in one or several pieces
 */
export function encodeRlpList(...items: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const item of items) length += item.length;
  const bytes = new Uint8Array(prefixLength(length) + length);
  let position = writePrefix(bytes, 0, 0xc0, length);
  for (const item of items) {
    bytes.set(item, position);
    position += item.length;
  }
  return bytes;
}

/** Bytes that `writeListPrefix` writes at most. */
export const MAX_LIST_PREFIX_BYTES = 9;

/** Writes what stands before the items of a list at the beginning of `target`. @returns where the items begin */
export function writeListPrefix(target: Uint8Array, itemsLength: number): number {
  return writePrefix(target, 0, 0xc0, itemsLength);
}

/** Reads exactly one item. Strings are views into `bytes`, not copies. */
export function decodeRlp(bytes: Uint8Array, limits: RlpLimits = DEFAULT_LIMITS): Result<RlpItem, RlpReason> {
  const cursor = new RlpCursor(bytes, 0, bytes.length);
  const budget = { items: limits.maxItems };
  const item = readItem(cursor, limits.maxDepth, budget);
  if (!item.ok) return item;
  return cursor.atEnd ? item : failure('OversizeRLP');
}

function readItem(cursor: RlpCursor, depth: number, budget: { items: number }): Result<RlpItem, RlpReason> {
  if (budget.items <= 0) return failure('TooManyItems');
  budget.items -= 1;
  if (!cursor.next()) return failure(cursor.failed === 'MissingItem' ? 'UndersizeRLP' : cursor.failed!);
  if (!cursor.isList) return success(cursor.content());
  if (depth <= 0) return failure('TooDeep');
  const inner = cursor.inner();
  const items: RlpItem[] = [];
  while (!inner.atEnd) {
    const item = readItem(inner, depth - 1, budget);
    if (!item.ok) return item;
    items.push(item.value);
  }
  return success(items);
}

function encodedLength(item: RlpItem, listLengths: number[]): number {
  if (item instanceof Uint8Array) {
    if (item.length === 1 && item[0]! < 0x80) return 1;
    return prefixLength(item.length) + item.length;
  }
  const slot = listLengths.push(0) - 1;
  let length = 0;
  for (const child of item) length += encodedLength(child, listLengths);
  listLengths[slot] = length;
  return prefixLength(length) + length;
}

function writeItem(
  item: RlpItem,
  bytes: Uint8Array,
  cursor: { position: number; list: number },
  listLengths: readonly number[],
): void {
  if (item instanceof Uint8Array) {
    if (item.length !== 1 || item[0]! >= 0x80) {
      cursor.position = writePrefix(bytes, cursor.position, 0x80, item.length);
    }
    bytes.set(item, cursor.position);
    cursor.position += item.length;
    return;
  }
  const length = listLengths[cursor.list]!;
  cursor.list += 1;
  cursor.position = writePrefix(bytes, cursor.position, 0xc0, length);
  for (const child of item) writeItem(child, bytes, cursor, listLengths);
}

/** Lengths up to 55 live in the first byte, longer ones follow it. */
const LONGEST_SHORT = 55;

function prefixLength(contentLength: number): number {
  return contentLength <= LONGEST_SHORT ? 1 : 1 + byteLength(contentLength);
}

function writePrefix(bytes: Uint8Array, position: number, base: number, contentLength: number): number {
  if (contentLength <= LONGEST_SHORT) {
    bytes[position] = base + contentLength;
    return position + 1;
  }
  const count = byteLength(contentLength);
  bytes[position] = base + LONGEST_SHORT + count;
  let rest = contentLength;
  for (let i = count; i > 0; i--) {
    bytes[position + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return position + 1 + count;
}

function byteLength(value: number): number {
  let length = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) length++;
  return length;
}
