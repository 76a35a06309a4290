/**
 * Small byte arrays that share slabs. An array above 64 bytes that has memory of its own costs an allocation outside of
 * the heap and its release, dearer than what most code does with it.
 */
export const SLAB_BYTES = 64 * 1024;

/** Larger arrays get memory of their own. */
const LARGEST_PIECE_BYTES = 4 * 1024;

/** A slab lives as long as one piece of it: one pool for what comes and goes together. */
export class BytePool {
  #slab = new Uint8Array(SLAB_BYTES);
  #used = 0;

  /** Zeros, `length` of them; never handed out twice. */
  take(length: number): Uint8Array {
    if (length > LARGEST_PIECE_BYTES) return new Uint8Array(length);
    if (this.#used + length > SLAB_BYTES) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const piece = this.#slab.subarray(this.#used, this.#used + length);
    this.#used += length;
    return piece;
  }
}

/** Of what lives as long as a transaction waits. */
const transactions = new BytePool();

/** Zeros, `length` of them, never handed out twice: for parts of transactions. */
export function pooledBytes(length: number): Uint8Array {
  return transactions.take(length);
}

/** A copy that keeps nothing of what it is a view of. */
export function pooledCopy(bytes: Uint8Array): Uint8Array {
  const copy = pooledBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
