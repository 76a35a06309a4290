/**
 * A flat pass over the items of an RLP list. No tree is built and no header object allocated, so a transaction is read
 * in about half a microsecond. Errors stick: after the first, every read gives an empty value and `failed` says why,
 * so a decoder reads its whole layout and asks once.
 */
import { EMPTY_BYTES, toBigInt } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';

export type RlpReason =
  /** A length or a single byte is not in its shortest form. */
  | 'BadRLP'
  /** Bytes follow the outermost item. */
  | 'OversizeRLP'
  /** A length points beyond the data. */
  | 'UndersizeRLP'
  /** More lists inside lists than the limit allows. */
  | 'TooDeep'
  /** More items than the limit allows, or than the layout has. */
  | 'TooManyItems'
  /** The list ended before the layout did. */
  | 'MissingItem'
  /** A list where the layout has a string, or the reverse. */
  | 'WrongKind'
  /** A string of fixed length has another. */
  | 'WrongLength'
  /** An integer begins with a zero byte. */
  | 'LeadingZero'
  /** An integer is wider than its field. */
  | 'IntegerTooLarge';

/** Integers met lately, each in the place that its last byte gives it: most fields of most transactions hold one of a few. */
const recentIntegers: bigint[] = Array.from({ length: 256 }, (_, value) => BigInt(value));
const recentValues = Float64Array.from({ length: 256 }, (_, value) => value);

function integerOf(value: number): bigint {
  const place = value % 256;
  if (recentValues[place] !== value) {
    recentValues[place] = value;
    recentIntegers[place] = BigInt(value);
  }
  return recentIntegers[place]!;
}

/** Bytes of the widest integer field, u256. */
const MAX_INTEGER_BYTES = 32;

export class RlpCursor {
  /** The first thing that went wrong. */
  failed: RlpReason | undefined = undefined;
  /** Of the current item: a list, or a string. */
  isList = false;
  /** Offset of the current item's first byte. */
  itemStart: number;
  /** Offset of the current item's content. */
  contentStart: number;
  /** Offset after the current item. */
  itemEnd: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  /** Reads the items that stand one after another in `bytes` from `start` to `end`. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.itemStart = start;
    this.contentStart = start;
    this.itemEnd = start;
  }

  /** No item is left. Also true after a failure, so that loops end. */
  get atEnd(): boolean {
    return this.failed !== undefined || this.itemEnd >= this.#end;
  }

  /** Moves to the next item. @returns false when there is none or it is malformed; `failed` then says which. */
  next(): boolean {
    if (this.failed !== undefined) return false;
    const start = this.itemEnd;
    if (start >= this.#end) return this.fail('MissingItem');
    const first = this.#bytes[start]!;
    this.itemStart = start;
    if (first < 0x80) {
      this.isList = false;
      this.contentStart = start;
      this.itemEnd = start + 1;
      return true;
    }
    this.isList = first >= 0xc0;
    const short = first - (this.isList ? 0xc0 : 0x80);
    if (short > 55) return this.#longItem(start, short - 55);
    const contentStart = start + 1;
    const itemEnd = contentStart + short;
    if (itemEnd > this.#end) return this.fail('UndersizeRLP');
    if (short === 1 && !this.isList && this.#bytes[contentStart]! < 0x80) return this.fail('BadRLP');
    this.contentStart = contentStart;
    this.itemEnd = itemEnd;
    return true;
  }

  #longItem(start: number, lengthBytes: number): boolean {
    const contentStart = start + 1 + lengthBytes;
    if (contentStart > this.#end) return this.fail('UndersizeRLP');
    if (this.#bytes[start + 1] === 0) return this.fail('BadRLP');
    let length = 0;
    // Up to 8 bytes of length can lose precision as a number, but then it is far beyond any data.
    for (let i = start + 1; i < contentStart; i++) length = length * 256 + this.#bytes[i]!;
    if (length <= 55) return this.fail('BadRLP');
    if (length > this.#end - contentStart) return this.fail('UndersizeRLP');
    this.contentStart = contentStart;
    this.itemEnd = contentStart + length;
    return true;
  }

  /** Records a failure unless there is one already. @returns false, to return at once */
  fail(reason: RlpReason): false {
    this.failed ??= reason;
    return false;
  }

  /** Content of the current item, a view. */
  content(): Uint8Array {
    if (this.contentStart === this.itemEnd) return EMPTY_BYTES;
    return this.#bytes.subarray(this.contentStart, this.itemEnd);
  }

  /** The current item with its prefix, a view. */
  item(): Uint8Array {
    return this.#bytes.subarray(this.itemStart, this.itemEnd);
  }

  /** A cursor over the items of the current list. Its failure is its own: join it with `finish`. */
  inner(): RlpCursor {
    return new RlpCursor(this.#bytes, this.contentStart, this.itemEnd);
  }

  /** Next item as a string of any length, a view. */
  string(): Uint8Array {
    if (!this.next()) return EMPTY_BYTES;
    if (this.isList) {
      this.fail('WrongKind');
      return EMPTY_BYTES;
    }
    return this.content();
  }

  /** Next item as a string of exactly `length` bytes, a view. */
  fixed(length: number): Uint8Array {
    const content = this.string();
    if (this.failed === undefined && content.length !== length) this.fail('WrongLength');
    return this.failed === undefined ? content : EMPTY_BYTES;
  }

  /** Next item as an unsigned integer of at most 32 bytes. */
  integer(): bigint {
    const length = this.#integerLength();
    if (length < 0) return 0n;
    return length <= 6 ? integerOf(this.#small()) : toBigInt(this.content());
  }

  /** Next item as the bytes of an unsigned integer, at most 32, without leading zeros; a view. */
  integerBytes(): Uint8Array {
    return this.#integerLength() > 0 ? this.content() : EMPTY_BYTES;
  }

  /** Next item as an unsigned integer, at most 32 bytes, copied to `target` so that it ends before `end`. */
  copyInteger(target: Uint8Array, end: number): void {
    const length = this.#integerLength();
    for (let i = 0; i < length; i++) target[end - length + i] = this.#bytes[this.contentStart + i]!;
  }

  /** Next item as an unsigned integer that a number holds exactly. */
  safeInteger(): number {
    const length = this.#integerLength();
    if (length < 0) return 0;
    const value = length <= 7 ? this.#small() : Number.POSITIVE_INFINITY;
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    this.fail('IntegerTooLarge');
    return 0;
  }

  /** Next item as a list: calls `read` once for each of its items until all are read or one fails. */
  list(maxItems: number, read: (items: RlpCursor) => void): void {
    if (!this.next()) return;
    if (!this.isList) {
      this.fail('WrongKind');
      return;
    }
    const items = this.inner();
    for (let count = 0; !items.atEnd; count++) {
      if (count >= maxItems) items.fail('TooManyItems');
      else read(items);
    }
    if (items.failed !== undefined) this.fail(items.failed);
  }

  /** Next item as a list of known layout: calls `read` once, which must consume it wholly. */
  record<T>(read: (items: RlpCursor) => T): T {
    if (this.next() && !this.isList) this.fail('WrongKind');
    const items = this.failed === undefined ? this.inner() : new RlpCursor(EMPTY_BYTES, 0, 0);
    const value = read(items);
    if (!items.atEnd) items.fail('TooManyItems');
    if (items.failed !== undefined) this.fail(items.failed);
    return value;
  }

  /** Checks the current item as an integer. @returns its length, or -1 after a failure */
  #integerLength(): number {
    if (!this.next()) return -1;
    if (this.isList) this.fail('WrongKind');
    else if (this.itemEnd - this.contentStart > MAX_INTEGER_BYTES) this.fail('IntegerTooLarge');
    else if (this.itemEnd > this.contentStart && this.#bytes[this.contentStart] === 0) this.fail('LeadingZero');
    return this.failed === undefined ? this.itemEnd - this.contentStart : -1;
  }

  /** Exact up to 6 bytes; with 7 the caller compares against the safe range. */
  #small(): number {
    let value = 0;
    for (let i = this.contentStart; i < this.itemEnd; i++) value = value * 256 + this.#bytes[i]!;
    return value;
  }
}

/** Reads one list that fills `bytes` wholly. @returns a cursor before its first item */
export function openRlpList(bytes: Uint8Array): Result<RlpCursor, RlpReason> {
  const outer = new RlpCursor(bytes, 0, bytes.length);
  if (!outer.next()) return failure(outer.failed === 'MissingItem' ? 'UndersizeRLP' : outer.failed!);
  if (!outer.atEnd) return failure('OversizeRLP');
  if (!outer.isList) return failure('WrongKind');
  return success(outer.inner());
}

/** Decodes one list of known layout that fills `bytes` wholly; `read` is called once and must consume every item. */
export function decodeRlpRecord<T>(bytes: Uint8Array, read: (items: RlpCursor) => T): Result<T, RlpReason> {
  const items = openRlpList(bytes);
  if (!items.ok) return items;
  const value = read(items.value);
  if (!items.value.atEnd) items.value.fail('TooManyItems');
  return items.value.failed === undefined ? success(value) : failure(items.value.failed);
}
