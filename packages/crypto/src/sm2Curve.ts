/** The recommended curve of GB/T 32918.5-2017 and what SM2's signatures, encryption and key exchange share. */
import { weierstrass, type WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { concatBytes, fromBigInt, toBigInt } from '@menglian/base/bytes';
import { sm3 } from './hashes.js';
import { hmac } from './hmac.js';

export type Sm2Point = WeierstrassPoint<bigint>;

const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const A = P - 3n;
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const GX = 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n;
const GY = 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n;

export const SM2_ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

/** Its cofactor is 1, so every point has the right order. `multiply` takes the same steps for every factor. */
export const Sm2Curve = weierstrass({ p: P, n: SM2_ORDER, h: 1n, a: A, b: B, Gx: GX, Gy: GY });

/** a ‖ b ‖ xG ‖ yG, the part of Z that is the same for everyone. */
export const SM2_CURVE_BYTES = concatBytes(...[A, B, GX, GY].map((value) => fromBigInt(value, 32)));

/** X ‖ Y */
export const SM2_POINT_BYTES = 64;

/** @param bytes any. @returns undefined unless they are X ‖ Y of a point of the curve */
export function decodeSm2Point(bytes: Uint8Array): Sm2Point | undefined {
  if (bytes.length !== SM2_POINT_BYTES) return undefined;
  const x = toBigInt(bytes.subarray(0, 32));
  const y = toBigInt(bytes.subarray(32));
  if (x >= P || y >= P || (y * y) % P !== (x * x * x + A * x + B) % P) return undefined;
  return Sm2Curve.fromAffine({ x, y });
}

/** @param point not the point at infinity. @returns 64 bytes X ‖ Y */
export function encodeSm2Point(point: Sm2Point): Uint8Array {
  return point.toBytes(false).slice(1);
}

/** The nonce generator of RFC 6979, 3.2, steps b to h, with SM3. @param seed secret, and bound to what is done with it */
export function* sm2Nonces(seed: Uint8Array): Generator<bigint, void> {
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
    if (nonce > 0n && nonce < SM2_ORDER) yield nonce;
    key = hmac(sm3, key, concatBytes(value, Uint8Array.of(0)));
    value = hmac(sm3, key, value);
  }
}
