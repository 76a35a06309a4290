/**
 * Fixed layouts of bytes for messages between nodes and for records on disk: integers big-endian, strings of variable
 * length behind a 32-bit length. One value has one encoding. A layout begins with a version byte of its own.
 */
import { EMPTY_BYTES, toBigInt, fromBigInt } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { BytePool } from '@menglian/base/pooledBytes';
import { failure, type Result, success } from '@menglian/base/result';

export type BinaryReason =
  /** A field reaches beyond the data. */
  | 'UnexpectedEnd'
  /** A length or count is above the limit of its field. */
  | 'TooLong'
  /** Bytes follow the last field. */
  | 'TrailingBytes'
  /** A field holds a value that its type does not have. */
  | 'BadValue';

const U32_LIMIT = 0x1_0000_0000;

/** Of writers, which are gone before most of what they wrote is sent. */
const pool = new BytePool();

/** Appends fields to a buffer that grows. Values out of range are misuse by our own code and throw. */
export class BinaryWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(expectedBytes = 256) {
    this.#bytes = pool.take(Math.max(expectedBytes, 16));
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    invariant(Number.isInteger(value) && value >= 0 && value <= 0xff, 'codec/binary-u8');
    const offset = this.#reserve(1);
    this.#bytes[offset] = value;
    return this;
  }

  u16(value: number): this {
    invariant(Number.isInteger(value) && value >= 0 && value <= 0xffff, 'codec/binary-u16');
    const offset = this.#reserve(2);
    this.#bytes[offset] = value >>> 8;
    this.#bytes[offset + 1] = value;
    return this;
  }

  u32(value: number): this {
    invariant(Number.isInteger(value) && value >= 0 && value < U32_LIMIT, 'codec/binary-u32');
    this.#put32(this.#reserve(4), value);
    return this;
  }

  /** Eight bytes; a number holds 53 bits of them. */
  u64(value: number): this {
    invariant(Number.isSafeInteger(value) && value >= 0, 'codec/binary-u64');
    const offset = this.#reserve(8);
    this.#put32(offset, Math.floor(value / U32_LIMIT));
    this.#put32(offset + 4, value % U32_LIMIT);
    return this;
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  /** Unsigned, 32 bytes. */
  bigint256(value: bigint): this {
    return this.bytes(fromBigInt(value, 32));
  }

  /** Bytes whose number the reader knows. */
  bytes(bytes: Uint8Array): this {
    const offset = this.#reserve(bytes.length);
    this.#bytes.set(bytes, offset);
    return this;
  }

  /** Bytes behind their number. */
  blob(bytes: Uint8Array): this {
    return this.u32(bytes.length).bytes(bytes);
  }

  /** The written bytes, a copy of their own size. The writer may go on. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #put32(offset: number, value: number): void {
    const bytes = this.#bytes;
    bytes[offset] = value >>> 24;
    bytes[offset + 1] = value >>> 16;
    bytes[offset + 2] = value >>> 8;
    bytes[offset + 3] = value;
  }

  /** Callers take the offset first and the buffer after: this may replace the buffer. */
  #reserve(count: number): number {
    const offset = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = pool.take(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, offset));
      this.#bytes = larger;
    }
    return offset;
  }
}

/**
 * Reads what `BinaryWriter` wrote, from whoever. Errors stick: after the first, every read gives zero or nothing and
 * `failed` says why, so a decoder reads its whole layout and asks once, with `end`.
 */
export class BinaryReader {
  /** The first thing that went wrong. */
  failed: BinaryReason | undefined = undefined;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes not read yet; none after a failure, so that loops end. */
  get remaining(): number {
    return this.failed === undefined ? this.#bytes.length - this.#position : 0;
  }

  u8(): number {
    const offset = this.#take(1);
    return offset < 0 ? 0 : this.#bytes[offset]!;
  }

  u16(): number {
    const offset = this.#take(2);
    return offset < 0 ? 0 : this.#view.getUint16(offset);
  }

  u32(): number {
    const offset = this.#take(4);
    return offset < 0 ? 0 : this.#view.getUint32(offset);
  }

  /** Eight bytes; above 2^53 - 1 is a bad value. */
  u64(): number {
    const offset = this.#take(8);
    if (offset < 0) return 0;
    const value = this.#view.getUint32(offset) * U32_LIMIT + this.#view.getUint32(offset + 4);
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    this.fail('BadValue');
    return 0;
  }

  bool(): boolean {
    const value = this.u8();
    if (value > 1) this.fail('BadValue');
    return value === 1;
  }

  /** Unsigned, 32 bytes. */
  bigint256(): bigint {
    return toBigInt(this.bytes(32));
  }

  /** Exactly `length` bytes, a view; nothing after a failure. */
  bytes(length: number): Uint8Array {
    const offset = this.#take(length);
    return offset < 0 ? EMPTY_BYTES : this.#bytes.subarray(offset, offset + length);
  }

  /** Bytes behind their number, a view. @param maxLength limit of this field, in bytes */
  blob(maxLength: number): Uint8Array {
    const length = this.u32();
    if (length > maxLength) this.fail('TooLong');
    return this.bytes(length);
  }

  /**
   * A 32-bit number of items that follow. It is refused when the rest of the data cannot hold so many, so that nobody
   * is made to allocate or loop by a number alone.
   * @param maxCount limit of this list
   * @param minimumItemBytes bytes of the smallest item, at least 1
   */
  count(maxCount: number, minimumItemBytes: number): number {
    const count = this.u32();
    if (count > maxCount) this.fail('TooLong');
    else if (count * minimumItemBytes > this.remaining) this.fail('UnexpectedEnd');
    return this.failed === undefined ? count : 0;
  }

  /** Records a failure unless there is one already: for rules of the layout that this class does not know. */
  fail(reason: BinaryReason): void {
    this.failed ??= reason;
  }

  /** Checks that all was read. @returns undefined, or the reason why the data is not of this layout */
  end(): BinaryReason | undefined {
    if (this.remaining > 0) this.fail('TrailingBytes');
    return this.failed;
  }

  /** `value` if all of the data was read without a failure. */
  result<T>(value: T): Result<T, BinaryReason> {
    const reason = this.end();
    return reason === undefined ? success(value) : failure(reason);
  }

  #take(count: number): number {
    if (this.failed !== undefined) return -1;
    const offset = this.#position;
    if (count > this.#bytes.length - offset) {
      this.fail('UnexpectedEnd');
      return -1;
    }
    this.#position = offset + count;
    return offset;
  }
}
