import { invariant } from '@menglian/base/invariant';

const HASH_BYTES = 32;

/** `hashMany` for those who hash one after another. */
export function hashEach(
  hash: (data: Uint8Array) => Uint8Array,
  hashes: Uint8Array,
  bytes: Uint8Array,
  ranges: Uint32Array,
): void {
  for (let i = 0; 2 * i < ranges.length; i++) {
    hashes.set(hash(bytes.subarray(ranges[2 * i]!, ranges[2 * i + 1]!)), HASH_BYTES * i);
  }
}

/** What every `hashMany` refuses: it is a mistake of the caller, so the same in all of them. */
export function checkRanges(hashes: Uint8Array, bytes: Uint8Array, ranges: Uint32Array): void {
  invariant(ranges.length % 2 === 0 && hashes.length === HASH_BYTES * (ranges.length / 2), 'crypto/hash-many-lengths');
  for (let i = 0; i < ranges.length; i += 2) {
    invariant(ranges[i]! <= ranges[i + 1]! && ranges[i + 1]! <= bytes.length, 'crypto/hash-many-range');
  }
}
