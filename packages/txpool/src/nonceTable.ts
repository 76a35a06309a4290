import { invariant } from '@menglian/base/invariant';
import type { NonceKey } from '@menglian/types/nonceKey';

/** Of a nonce of 256 bits. */
const NONCE_WORDS = 8;
const DIGITS_PER_WORD = 8;
/** A power of two. The table doubles when half of it is used, and never shrinks: what it held once it may hold again. */
const SLOTS_MIN = 2048;
const FREE = -1;

/**
 * Nonces of blocks, outside of the heap: 32 bytes each and 32 to 64 bytes of table. As texts in a map they took 230 bytes of
 * heap, and a million of them (a thousand full blocks) were much of what the garbage collector looked at. Its bound is its
 * owner's: BLOCK_LIMIT_WINDOW blocks of at most MAX_BLOCK_TRANSACTIONS. Open addressing with linear probing; entries are
 * moved up when one is taken out (Knuth, TAOCP 6.4, algorithm R).
 *
 * Clients choose nonces. So that they cannot choose some that meet in one place, places follow from HalfSipHash-1-3 with a
 * secret of this process (Aumasson and Bernstein, SipHash, 2012; the variant of 32 bits). No answer depends on it.
 */
export class NonceTable {
  readonly #secret = crypto.getRandomValues(new Uint32Array(2));
  /** Nonces of each block, NONCE_WORDS each, the lowest first. */
  readonly #blocks = new Map<number, Uint32Array>();
  /** Of each slot: the block of its nonce, or FREE. */
  #blockOf = new Float64Array(SLOTS_MIN).fill(FREE);
  /** Of each slot: which nonce of that block. */
  #indexOf = new Uint32Array(SLOTS_MIN);
  #hashOf = new Uint32Array(SLOTS_MIN);
  #size = 0;
  readonly #words = new Uint32Array(NONCE_WORDS);

  get size(): number {
    return this.#size;
  }

  hasBlock(number: number): boolean {
    return this.#blocks.has(number);
  }

  /** @param number of a block that is not in it */
  addBlock(number: number, keys: readonly NonceKey[]): void {
    invariant(!this.#blocks.has(number), 'txpool/nonce-block-once', `block ${number}`);
    const words = new Uint32Array(NONCE_WORDS * keys.length);
    this.#blocks.set(number, words);
    while (2 * (this.#size + keys.length) > this.#blockOf.length) this.#grow();
    for (const [index, key] of keys.entries()) {
      readKey(key, words, NONCE_WORDS * index);
      this.#put(number, index, this.#hash(words, NONCE_WORDS * index));
    }
    this.#size += keys.length;
  }

  removeBlock(number: number): void {
    const words = this.#blocks.get(number);
    if (words === undefined) return;
    this.#blocks.delete(number);
    const count = words.length / NONCE_WORDS;
    for (let index = 0; index < count; index++) {
      this.#takeOut(this.#slotOf(number, index, this.#hash(words, NONCE_WORDS * index)));
    }
    this.#size -= count;
  }

  /** Whether a block of this number or above has the nonce. */
  hasSince(key: NonceKey, lowestBlock: number): boolean {
    const words = this.#words;
    readKey(key, words, 0);
    const hash = this.#hash(words, 0);
    const mask = this.#blockOf.length - 1;
    for (let slot = hash & mask; this.#blockOf[slot] !== FREE; slot = (slot + 1) & mask) {
      if (this.#hashOf[slot] !== hash || this.#blockOf[slot]! < lowestBlock) continue;
      const stored = this.#blocks.get(this.#blockOf[slot]!)!;
      if (areSame(words, stored, NONCE_WORDS * this.#indexOf[slot]!)) return true;
    }
    return false;
  }

  #put(block: number, index: number, hash: number): void {
    const mask = this.#blockOf.length - 1;
    let slot = hash & mask;
    while (this.#blockOf[slot] !== FREE) slot = (slot + 1) & mask;
    this.#blockOf[slot] = block;
    this.#indexOf[slot] = index;
    this.#hashOf[slot] = hash;
  }

  #slotOf(block: number, index: number, hash: number): number {
    const mask = this.#blockOf.length - 1;
    let slot = hash & mask;
    while (this.#blockOf[slot] !== block || this.#indexOf[slot] !== index) {
      invariant(this.#blockOf[slot] !== FREE, 'txpool/nonce-is-there');
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** Entries behind the hole come nearer to where they belong. */
  #takeOut(slot: number): void {
    const mask = this.#blockOf.length - 1;
    let hole = slot;
    for (let next = (hole + 1) & mask; this.#blockOf[next] !== FREE; next = (next + 1) & mask) {
      const home = this.#hashOf[next]! & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      this.#blockOf[hole] = this.#blockOf[next]!;
      this.#indexOf[hole] = this.#indexOf[next]!;
      this.#hashOf[hole] = this.#hashOf[next]!;
      hole = next;
    }
    this.#blockOf[hole] = FREE;
  }

  #grow(): void {
    const [blockOf, indexOf, hashOf] = [this.#blockOf, this.#indexOf, this.#hashOf];
    const slots = 2 * blockOf.length;
    this.#blockOf = new Float64Array(slots).fill(FREE);
    this.#indexOf = new Uint32Array(slots);
    this.#hashOf = new Uint32Array(slots);
    for (const [slot, block] of blockOf.entries()) {
      if (block !== FREE) this.#put(block, indexOf[slot]!, hashOf[slot]!);
    }
  }

  /** HalfSipHash-1-3 of a nonce; its length, always the same, is left out. */
  #hash(words: Uint32Array, from: number): number {
    let v0 = this.#secret[0]!;
    let v1 = this.#secret[1]!;
    let v2 = 0x6c796765 ^ v0;
    let v3 = 0x74656462 ^ v1;
    for (let round = 0; round < NONCE_WORDS + 3; round++) {
      const word = round < NONCE_WORDS ? words[from + round]! : 0;
      if (round === NONCE_WORDS) v2 ^= 0xff;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return (v1 ^ v3) >>> 0;
  }
}

/** Writes the words of a nonce, the lowest first. */
function readKey(key: NonceKey, words: Uint32Array, to: number): void {
  let end = key.length;
  for (let i = 0; i < NONCE_WORDS; i++) {
    const start = Math.max(0, end - DIGITS_PER_WORD);
    let word = 0;
    for (let at = start; at < end; at++) {
      const code = key.charCodeAt(at);
      word = (word << 4) | (code <= NINE ? code - ZERO : code - TEN);
    }
    words[to + i] = word;
    end = start;
  }
}

const ZERO = '0'.charCodeAt(0);
const NINE = '9'.charCodeAt(0);
const TEN = 'a'.charCodeAt(0) - 10;

function areSame(a: Uint32Array, b: Uint32Array, from: number): boolean {
  for (let i = 0; i < NONCE_WORDS; i++) if (a[i] !== b[from + i]) return false;
  return true;
}
