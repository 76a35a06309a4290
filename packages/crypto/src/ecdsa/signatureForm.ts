/**
 * What both ECDSA providers check before they compute anything. The ranges are decided here, once, because the
 * libraries underneath differ in what they refuse: two nodes with different providers must never disagree.
 */
import { fromHex } from '@menglian/base/bytes';

export const DIGEST_BYTES = 32;
export const PRIVATE_KEY_BYTES = 32;
export const PUBLIC_KEY_BYTES = 64;
export const SIGNATURE_BYTES = 65;

/** n, the order of secp256k1 (SEC 2, 2.4.1). */
export const CURVE_ORDER = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
/** ⌊n/2⌋: the largest s of a valid signature, so that nobody can turn a signature into a second one (n − s). */
const HALF_ORDER = fromHex('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0');

/** 65 bytes r ‖ s ‖ v with 0 < r < n, 0 < s ≤ n/2 and v of 0 or 1. */
export function isSignature(signature: Uint8Array): boolean {
  return (
    signature.length === SIGNATURE_BYTES &&
    signature[64]! <= 1 &&
    isScalar(signature, 0) &&
    !isZero(signature, 32) &&
    compareAt(signature, 32, HALF_ORDER) <= 0
  );
}

/** Whether the 32 bytes at `offset` are an integer from 1 to n − 1. */
export function isScalar(bytes: Uint8Array, offset: number): boolean {
  return compareAt(bytes, offset, CURVE_ORDER) < 0 && !isZero(bytes, offset);
}

/** Big-endian comparison of the bytes at `offset` with `bound`. @returns negative, 0 or positive */
export function compareAt(bytes: Uint8Array, offset: number, bound: Uint8Array): number {
  for (let i = 0; i < bound.length; i++) {
    const difference = bytes[offset + i]! - bound[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function isZero(bytes: Uint8Array, offset: number): boolean {
  for (let i = 0; i < 32; i++) if (bytes[offset + i] !== 0) return false;
  return true;
}
