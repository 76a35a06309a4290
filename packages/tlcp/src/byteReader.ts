/**
 * Reads fields of a message one after another. After a field that is not there everything reads as zero or empty, and
 * `isExhausted` stays false: a parser asks once, at its end.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #hasFailed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#hasFailed ? 0 : this.#bytes.length - this.#offset;
  }

  /** Every field was there, and nothing is left. */
  get isExhausted(): boolean {
    return !this.#hasFailed && this.#offset === this.#bytes.length;
  }

  /** An unsigned number of 1 to 3 bytes. */
  number(size: 1 | 2 | 3): number {
    let value = 0;
    for (const byte of this.bytes(size)) value = (value << 8) | byte;
    return value;
  }

  /** A view of the next bytes. */
  bytes(length: number): Uint8Array {
    if (this.#hasFailed || this.#bytes.length - this.#offset < length) {
      this.#hasFailed = true;
      return EMPTY;
    }
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  /** Bytes with their length before them. */
  vector(lengthSize: 1 | 2 | 3): Uint8Array {
    return this.bytes(this.number(lengthSize));
  }
}

const EMPTY = new Uint8Array(0);

/** A number in so many bytes. */
export function numberBytes(value: number, size: 1 | 2 | 3): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = value >>> (8 * (size - 1 - i));
  return bytes;
}
