/**
 * SM2 signatures, GB/T 32918.2-2016, on the recommended curve of GB/T 32918.5-2017. The suite `sm` is built from them
 * in smSuite.ts; contracts and certificates use them with messages of any length.
 */
import { concatBytes, EMPTY_BYTES, fromBigInt, toBigInt, utf8Bytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { sm3 } from './hashes.js';
import {
  decodeSm2Point,
  encodeSm2Point,
  SM2_CURVE_BYTES,
  SM2_ORDER as N,
  SM2_POINT_BYTES,
  Sm2Curve as Curve,
  sm2Nonces,
} from './sm2Curve.js';

const SM2_PRIVATE_KEY_BYTES = 32;
export const SM2_PUBLIC_KEY_BYTES = SM2_POINT_BYTES;
/** What a signer may add to the nonce. */
const ENTROPY_BYTES = 32;
/** r ‖ s */
export const SM2_SIGNATURE_BYTES = 64;

/** The signer's identity wherever nothing else is agreed on (GM/T 0009-2012, section 10). */
export const DEFAULT_SIGNER_ID = utf8Bytes('1234567812345678');
/** ENTL, the length of the identity in bits, is two bytes. */
const MAX_SIGNER_ID_BYTES = 0x1fff;

/** 32 bytes, 1 ≤ key ≤ n − 2: with n − 1 the signing equation divides by zero (GB/T 32918.1, 6.1). */
export function isSm2PrivateKey(bytes: Uint8Array): boolean {
  if (bytes.length !== SM2_PRIVATE_KEY_BYTES) return false;
  const key = toBigInt(bytes);
  return key > 0n && key < N - 1n;
}

/** @returns 64 bytes X ‖ Y */
export function sm2PublicKey(privateKey: Uint8Array): Uint8Array {
  invariant(isSm2PrivateKey(privateKey), 'crypto/private-key');
  return encodeSm2Point(Curve.BASE.multiply(toBigInt(privateKey)));
}

/** Z: binds a signature to the signer's identity, key and curve (GB/T 32918.2, 5.5). @returns 32 bytes */
export function sm2SignerDigest(publicKey: Uint8Array, signerId: Uint8Array = DEFAULT_SIGNER_ID): Uint8Array {
  invariant(signerId.length <= MAX_SIGNER_ID_BYTES, 'crypto/signer-id-length');
  const bits = signerId.length * 8;
  return sm3(concatBytes(Uint8Array.of(bits >> 8, bits & 0xff), signerId, SM2_CURVE_BYTES, publicKey));
}

/**
 * Signs SM3(Z ‖ message). The nonce is derived: RFC 6979 with HMAC-SM3 in place of HMAC-SHA-256, because a nonce used
 * twice gives the private key away and a node cannot prove that its random source never repeats.
 * @param entropy 32 random bytes mixed into the nonce (RFC 6979, 3.6), against faults and measurements of a device that
 *   signs the same message again and again; without them the same message and key give the same signature
 * @returns 64 bytes r ‖ s
 */
export function sm2Sign(
  message: Uint8Array,
  privateKey: Uint8Array,
  signerId?: Uint8Array,
  entropy?: Uint8Array,
): Uint8Array {
  return sm2SignAs(message, privateKey, sm2PublicKey(privateKey), signerId, entropy);
}

/**
 * Like `sm2Sign` for a caller that knows the public key already: half the work. A wrong one would make a signature that
 * nobody accepts, and no more than that.
 */
export function sm2SignAs(
  message: Uint8Array,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
  signerId?: Uint8Array,
  entropy: Uint8Array = EMPTY_BYTES,
): Uint8Array {
  invariant(isSm2PrivateKey(privateKey), 'crypto/private-key');
  invariant(entropy.length === 0 || entropy.length === ENTROPY_BYTES, 'crypto/entropy-length');
  const e = toBigInt(sm3(concatBytes(sm2SignerDigest(publicKey, signerId), message)));
  for (const nonce of sm2Nonces(concatBytes(privateKey, fromBigInt(e % N, 32), entropy))) {
    const signature = sm2SignWithNonce(e, toBigInt(privateKey), nonce);
    if (signature !== undefined) return signature;
  }
  invariant(false, 'crypto/nonce-exhausted');
}

/**
 * For published examples, which state their nonce: one that is known or used twice gives the private key away.
 * @param e SM3(Z ‖ message)
 * @returns undefined where the standard wants another nonce
 */
export function sm2SignWithNonce(e: bigint, privateKey: bigint, nonce: bigint): Uint8Array | undefined {
  const r = (e + Curve.BASE.multiply(nonce).toAffine().x) % N;
  if (r === 0n || r + nonce === N) return undefined;
  const s = Curve.Fn.mul(Curve.Fn.inv(privateKey + 1n), Curve.Fn.create(nonce - r * privateKey));
  return s === 0n ? undefined : concatBytes(fromBigInt(r, 32), fromBigInt(s, 32));
}

/** False for anything malformed: wrong lengths, r or s outside 1 … n − 1, a key that is no point of the curve. */
export function sm2Verify(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
  signerId?: Uint8Array,
): boolean {
  if (signature.length !== SM2_SIGNATURE_BYTES) return false;
  const r = toBigInt(signature.subarray(0, 32));
  const s = toBigInt(signature.subarray(32));
  if (r === 0n || r >= N || s === 0n || s >= N) return false;
  const t = (r + s) % N;
  if (t === 0n) return false;
  const key = decodeSm2Point(publicKey);
  if (key === undefined) return false;
  // The multiples of the base point are in a table, which one combined multiplication would leave unused.
  const sum = Curve.BASE.multiplyUnsafe(s).add(key.multiplyUnsafe(t));
  if (sum.is0()) return false;
  const e = toBigInt(sm3(concatBytes(sm2SignerDigest(publicKey, signerId), message)));
  return (e + sum.toAffine().x) % N === r;
}

/** Whether 64 bytes X ‖ Y are a point of the curve (its cofactor is 1, so every point has the right order). */
export function isSm2PublicKey(publicKey: Uint8Array): boolean {
  return decodeSm2Point(publicKey) !== undefined;
}
