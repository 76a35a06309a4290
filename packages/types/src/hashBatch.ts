/**
 * Texts that are hashed together: eight in the time of two where the processor can (packages/crypto/native/keccak.h). The
 * texts are copied into one array, which is a tenth of what hashing them costs.
 */
import { pooledBytes } from '@menglian/base/pooledBytes';
import { MAX_LIST_PREFIX_BYTES, writeListPrefix } from '@menglian/codec/rlp';
import type { CryptoSuite } from '@menglian/crypto/suite';

const HASH_BYTES = 32;
/** What is kept between batches; a larger batch gets memory of its own, as large as its texts. */
const SCRATCH_BYTES = 256 * 1024;
const SCRATCH_TEXTS = 1024;
/** Whoever adds texts that may go on for ever takes the hashes when there are so many bytes of them. */
export const BATCH_BYTES_FULL = SCRATCH_BYTES - 8 * 1024;

export class HashBatch {
  #bytes = new Uint8Array(SCRATCH_BYTES);
  #used = 0;
  #ranges = new Uint32Array(2 * SCRATCH_TEXTS);
  #count = 0;

  /** Bytes of the texts added since the last `take`. */
  get bytes(): number {
    return this.#used;
  }

  /** @returns the place of its hash among those of the batch */
  add(text: Uint8Array): number {
    this.#reserve(text.length);
    const start = this.#used;
    this.#bytes.set(text, start);
    return this.#close(start, start + text.length);
  }

  /** The RLP list of items that are encoded already. @returns the place of its hash */
  addList(items: Uint8Array): number {
    this.#reserve(items.length + MAX_LIST_PREFIX_BYTES);
    const start = this.#used;
    const contentStart = start + writeListPrefix(this.#bytes.subarray(start), items.length);
    this.#bytes.set(items, contentStart);
    return this.#close(start, contentStart + items.length);
  }

  /** Hashes what was added, and begins anew. @returns the hashes one after another */
  take(suite: CryptoSuite): Uint8Array {
    const hashes = pooledBytes(HASH_BYTES * this.#count);
    suite.hashMany(hashes, this.#bytes.subarray(0, this.#used), this.#ranges.subarray(0, 2 * this.#count));
    this.#used = 0;
    this.#count = 0;
    if (this.#bytes.length > SCRATCH_BYTES) this.#bytes = new Uint8Array(SCRATCH_BYTES);
    if (this.#ranges.length > 2 * SCRATCH_TEXTS) this.#ranges = new Uint32Array(2 * SCRATCH_TEXTS);
    return hashes;
  }

  #close(start: number, end: number): number {
    this.#ranges[2 * this.#count] = start;
    this.#ranges[2 * this.#count + 1] = end;
    this.#used = end;
    return this.#count++;
  }

  #reserve(length: number): void {
    if (this.#used + length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#used + length));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    if (2 * this.#count === this.#ranges.length) {
      const larger = new Uint32Array(2 * this.#ranges.length);
      larger.set(this.#ranges);
      this.#ranges = larger;
    }
  }
}

/** One for all: nothing interrupts a synchronous function, and none of them leaves texts behind. */
const shared = new HashBatch();

/** The hash of each text, however many there are. */
export function hashAll(suite: CryptoSuite, texts: readonly Uint8Array[]): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  const take = (): void => appendHashes(hashes, shared.take(suite));
  for (const text of texts) {
    shared.add(text);
    if (shared.bytes >= BATCH_BYTES_FULL) take();
  }
  take();
  return hashes;
}

/** Appends views of hashes that stand one after another. */
function appendHashes(to: Uint8Array[], hashes: Uint8Array): void {
  for (let at = 0; at < hashes.length; at += HASH_BYTES) to.push(hashes.subarray(at, at + HASH_BYTES));
}
