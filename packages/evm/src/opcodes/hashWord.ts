import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Frame } from '../frame.js';
import { wordOfHash } from '../words.js';

/** Two words are what mappings hash to find the slot of a key; those with short strings as keys hash less. */
const REMEMBERED_BYTES_MAX = 64;
const PIECES_MAX = REMEMBERED_BYTES_MAX / 4;
/** Places for such inputs, at most one in each: about 2 MB a thread in all. A power of two. */
const PLACES = 16_384;

/**
 * Hashes of the short inputs met last, each at the place that its bits name: accounts that are busy are hashed again and
 * again. Whoever makes inputs meet at one place only loses what is saved here.
 */
class HashMemo {
  readonly suite: CryptoSuite;
  /** by place: bytes of the input, 0 while there is none */
  readonly #sizes = new Uint8Array(PLACES);
  /** by place: the input in 32-bit pieces */
  readonly #inputs = new Int32Array(PLACES * PIECES_MAX);
  readonly #hashes = new Array<bigint>(PLACES).fill(0n);
  /** the input at hand */
  readonly #pieces = new Int32Array(PIECES_MAX);

  constructor(suite: CryptoSuite) {
    this.suite = suite;
  }

  /** @param size 1 to REMEMBERED_BYTES_MAX */
  hash(frame: Frame, offset: number, size: number): bigint {
    const place = this.#read(frame, offset, size);
    const count = (size + 3) >> 2;
    const start = place * PIECES_MAX;
    if (this.#sizes[place] === size && this.#holds(start, count)) return this.#hashes[place]!;
    const word = wordOfHash(this.suite.hash(frame.viewRange(offset, size)));
    for (let i = 0; i < count; i++) this.#inputs[start + i] = this.#pieces[i]!;
    this.#sizes[place] = size;
    this.#hashes[place] = word;
    return word;
  }

  /** Reads an input into pieces. @returns its place */
  #read({ bytes, view }: Frame, offset: number, size: number): number {
    const pieces = this.#pieces;
    const whole = size >> 2;
    let bits = size;
    for (let i = 0; i < whole; i++) {
      const piece = view.getInt32(offset + 4 * i, true);
      pieces[i] = piece;
      bits = Math.imul(bits ^ piece, 0x9e37_79b1);
      bits ^= bits >>> 15;
    }
    if ((size & 3) !== 0) {
      let piece = 0;
      for (let i = 4 * whole; i < size; i++) piece = (piece << 8) | bytes[offset + i]!;
      pieces[whole] = piece;
      bits = Math.imul(bits ^ piece, 0x9e37_79b1);
      bits ^= bits >>> 15;
    }
    return bits & (PLACES - 1);
  }

  #holds(start: number, count: number): boolean {
    for (let i = 0; i < count; i++) if (this.#inputs[start + i] !== this.#pieces[i]) return false;
    return true;
  }
}

/** Of the suite used last: a thread works with one, tests with two. */
let memo: HashMemo | undefined;

/** SHA3 of memory that is there and paid for, as a word. */
export function hashWord(suite: CryptoSuite, frame: Frame, offset: number, size: number): bigint {
  if (size === 0 || size > REMEMBERED_BYTES_MAX) return wordOfHash(suite.hash(frame.viewRange(offset, size)));
  if (memo?.suite !== suite) memo = new HashMemo(suite);
  return memo.hash(frame, offset, size);
}
