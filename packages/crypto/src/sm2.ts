/**
 * SM2 signatures, GB/T 32918.2-2016, on the recommended curve of GB/T 32918.5-2017. The suite `sm` is built from them
 * in smSuite.ts; contracts and certificates use them with messages of any length.
 */
import { weierstrass, type WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { concatBytes, fromBigInt, toBigInt, utf8Bytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { sm3 } from './hashes.js';
import { hmac } from './hmac.js';

type Point = WeierstrassPoint<bigint>;

const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const A = P - 3n;
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const GX = 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n;
const GY = 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n;

const Curve = weierstrass({ p: P, n: N, h: 1n, a: A, b: B, Gx: GX, Gy: GY });

const SM2_PRIVATE_KEY_BYTES = 32;
export const SM2_PUBLIC_KEY_BYTES = 64;
/** r ‖ s */
export const SM2_SIGNATURE_BYTES = 64;

/** The signer's identity wherever nothing else is agreed on (GM/T 0009-2012, section 10). */
export const DEFAULT_SIGNER_ID = utf8Bytes('1234567812345678');
/** ENTL, the length of the identity in bits, is two bytes. */
const MAX_SIGNER_ID_BYTES = 0x1fff;

/** a ‖ b ‖ xG ‖ yG, the part of Z that is the same for everyone. */
const CURVE_BYTES = concatBytes(...[A, B, GX, GY].map((value) => fromBigInt(value, 32)));

/** 32 bytes, 1 ≤ key ≤ n − 2: with n − 1 the signing equation divides by zero (GB/T 32918.1, 6.1). */
export function isSm2PrivateKey(bytes: Uint8Array): boolean {
  if (bytes.length !== SM2_PRIVATE_KEY_BYTES) return false;
  const key = toBigInt(bytes);
  return key > 0n && key < N - 1n;
}

/** @returns 64 bytes X ‖ Y */
export function sm2PublicKey(privateKey: Uint8Array): Uint8Array {
  invariant(isSm2PrivateKey(privateKey), 'crypto/private-key');
  return Curve.BASE.multiply(toBigInt(privateKey)).toBytes(false).slice(1);
}

/** Z: binds a signature to the signer's identity, key and curve (GB/T 32918.2, 5.5). @returns 32 bytes */
export function sm2SignerDigest(publicKey: Uint8Array, signerId: Uint8Array = DEFAULT_SIGNER_ID): Uint8Array {
  invariant(signerId.length <= MAX_SIGNER_ID_BYTES, 'crypto/signer-id-length');
  const bits = signerId.length * 8;
  return sm3(concatBytes(Uint8Array.of(bits >> 8, bits & 0xff), signerId, CURVE_BYTES, publicKey));
}

/**
 * Signs SM3(Z ‖ message). The nonce is deterministic: RFC 6979 with HMAC-SM3 in place of HMAC-SHA-256, because a nonce
 * used twice gives the private key away and a node cannot prove that its random source never repeats.
 * @returns 64 bytes r ‖ s
 */
export function sm2Sign(message: Uint8Array, privateKey: Uint8Array, signerId?: Uint8Array): Uint8Array {
  return sm2SignAs(message, privateKey, sm2PublicKey(privateKey), signerId);
}

/** Like `sm2Sign` for a caller that knows the public key already: half the work. */
export function sm2SignAs(
  message: Uint8Array,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
  signerId?: Uint8Array,
): Uint8Array {
  invariant(isSm2PrivateKey(privateKey), 'crypto/private-key');
  const e = toBigInt(sm3(concatBytes(sm2SignerDigest(publicKey, signerId), message)));
  const key = toBigInt(privateKey);
  for (const nonce of nonces(privateKey, e)) {
    const r = (e + Curve.BASE.multiply(nonce).toAffine().x) % N;
    if (r === 0n || r + nonce === N) continue;
    const s = Curve.Fn.mul(Curve.Fn.inv(key + 1n), Curve.Fn.create(nonce - r * key));
    if (s !== 0n) return concatBytes(fromBigInt(r, 32), fromBigInt(s, 32));
  }
  invariant(false, 'crypto/nonce-exhausted');
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
  const key = decodePoint(publicKey);
  if (key === undefined) return false;
  const sum = Curve.BASE.mulAddUnsafe(s, key, t);
  if (sum.is0()) return false;
  const e = toBigInt(sm3(concatBytes(sm2SignerDigest(publicKey, signerId), message)));
  return (e + sum.toAffine().x) % N === r;
}

/** Whether 64 bytes X ‖ Y are a point of the curve (its cofactor is 1, so every point has the right order). */
export function isSm2PublicKey(publicKey: Uint8Array): boolean {
  return decodePoint(publicKey) !== undefined;
}

function decodePoint(publicKey: Uint8Array): Point | undefined {
  if (publicKey.length !== SM2_PUBLIC_KEY_BYTES) return undefined;
  const x = toBigInt(publicKey.subarray(0, 32));
  const y = toBigInt(publicKey.subarray(32));
  if (x >= P || y >= P || (y * y) % P !== (x * x * x + A * x + B) % P) return undefined;
  return Curve.fromAffine({ x, y });
}

/** The nonce generator of RFC 6979, 3.2, steps b to h, with SM3. */
function* nonces(privateKey: Uint8Array, e: bigint): Generator<bigint, void> {
  const seed = concatBytes(privateKey, fromBigInt(e % N, 32));
  let value: Uint8Array = new Uint8Array(32).fill(1);
  let key: Uint8Array = new Uint8Array(32);
  for (const separator of [0, 1]) {
    key = hmac(sm3, key, concatBytes(value, Uint8Array.of(separator), seed));
    value = hmac(sm3, key, value);
  }
  // Each round fails with probability 2^-32 (the order begins with fffffffe), so the bound is never reached.
  for (let round = 0; round < 64; round++) {
    value = hmac(sm3, key, value);
    const nonce = toBigInt(value);
    if (nonce > 0n && nonce < N) yield nonce;
    key = hmac(sm3, key, concatBytes(value, Uint8Array.of(0)));
    value = hmac(sm3, key, value);
  }
}
