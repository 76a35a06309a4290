/**
 * Small byte arrays that share slabs. An array above 64 bytes that has memory of its own costs an allocation outside of
 * the heap and its release, dearer than what most code does with it. A slab lives as long as one array of it, so take
 * from here what comes and goes together, as the transactions of a pool do.
 */
export const SLAB_BYTES = 64 * 1024;

/** Larger arrays get memory of their own. */
const LARGEST_PIECE_BYTES = 4 * 1024;

let slab = new Uint8Array(SLAB_BYTES);
let used = 0;

/** Zeros, `length` of them; never handed out twice. */
export function pooledBytes(length: number): Uint8Array {
  if (length > LARGEST_PIECE_BYTES) return new Uint8Array(length);
  if (used + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  const piece = slab.subarray(used, used + length);
  used += length;
  return piece;
}

/** A copy that keeps nothing of what it is a view of. */
export function pooledCopy(bytes: Uint8Array): Uint8Array {
  const copy = pooledBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
