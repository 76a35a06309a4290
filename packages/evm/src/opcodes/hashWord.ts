import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Frame } from '../frame.js';
import { wordOfHash } from '../words.js';

/** Two words: what mappings hash to find the slot of a key. */
const REMEMBERED_BYTES = 64;
const REMEMBERED_WORDS = REMEMBERED_BYTES / 4;
/** Places for such inputs, at most one in each: 2 MB a thread in all. A power of two. */
const PLACES = 16_384;

/**
 * Hashes of the 64-byte inputs met last, each at the place that its bits name: accounts that are busy are hashed again and
 * again. Whoever makes inputs meet at one place only loses what is saved here.
 */
class HashMemo {
  readonly suite: CryptoSuite;
  /** by place: the input, in 32-bit pieces as they lie in memory */
  readonly #inputs = new Int32Array(PLACES * REMEMBERED_WORDS);
  readonly #hashes = new Array<bigint | undefined>(PLACES).fill(undefined);

  constructor(suite: CryptoSuite) {
    this.suite = suite;
  }

  hash(frame: Frame, offset: number): bigint {
    const { view } = frame;
    let bits = 0;
    for (let i = 0; i < REMEMBERED_WORDS; i++) {
      bits = Math.imul(bits ^ view.getInt32(offset + 4 * i, true), 0x9e37_79b1);
      bits ^= bits >>> 15;
    }
    const place = bits & (PLACES - 1);
    const start = place * REMEMBERED_WORDS;
    const known = this.#hashes[place];
    if (known !== undefined && this.#holds(start, view, offset)) return known;
    const word = wordOfHash(this.suite.hash(frame.viewRange(offset, REMEMBERED_BYTES)));
    for (let i = 0; i < REMEMBERED_WORDS; i++) this.#inputs[start + i] = view.getInt32(offset + 4 * i, true);
    this.#hashes[place] = word;
    return word;
  }

  #holds(start: number, view: DataView, offset: number): boolean {
    for (let i = 0; i < REMEMBERED_WORDS; i++)
      if (this.#inputs[start + i] !== view.getInt32(offset + 4 * i, true)) return false;
    return true;
  }
}

/** Of the suite used last: a thread works with one, tests with two. */
let memo: HashMemo | undefined;

/** SHA3 of memory that is there and paid for, as a word. */
export function hashWord(suite: CryptoSuite, frame: Frame, offset: number, size: number): bigint {
  if (size !== REMEMBERED_BYTES) return wordOfHash(suite.hash(frame.viewRange(offset, size)));
  if (memo?.suite !== suite) memo = new HashMemo(suite);
  return memo.hash(frame, offset);
}
