/**
 * Which keys a signature can be of. Other than with ECDSA the answer is no key yet: what is signed is SM3(Z ‖ message), Z
 * contains the key, and so each candidate stands for another message than the one that was signed for the next. Who has a
 * key in mind computes e with it and finds it among the candidates; who has none needs the signer to send it, as the suite
 * `sm` does, or a protocol that signs without Z. Signatures over other messages have candidates too: this proves nothing.
 */
import { concatBytes, fromBigInt, toBigInt } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { decodeSm2Point, encodeSm2Point, SM2_ORDER, Sm2Curve } from './sm2Curve.js';
import { SM2_SIGNATURE_BYTES } from './sm2.js';

const { Fp } = Sm2Curve;
const HASH_BYTES = 32;

/**
 * @param e 32 bytes: what was signed, SM3(Z ‖ message) with the Z of the key in mind
 * @param signature any bytes
 * @returns the keys of 64 bytes for which the signature over e holds: two (rarely four), none when r or s are out of
 *   range or r fits no point
 */
export function sm2KeyCandidates(e: Uint8Array, signature: Uint8Array): Uint8Array[] {
  invariant(e.length === HASH_BYTES, 'crypto/digest-length');
  if (signature.length !== SM2_SIGNATURE_BYTES) return [];
  const r = toBigInt(signature.subarray(0, 32));
  const s = toBigInt(signature.subarray(32));
  const t = (r + s) % SM2_ORDER;
  if (r === 0n || r >= SM2_ORDER || s === 0n || s >= SM2_ORDER || t === 0n) return [];

  // r = e + x modulo n, for the point (x, y) = s·G + t·key. An x at or above n is possible, one in 2^32.
  const x = Sm2Curve.Fn.create(r - toBigInt(e));
  const points = [x, x + SM2_ORDER].filter((one) => one < Fp.ORDER).flatMap(pointsAt);
  const sG = Sm2Curve.BASE.multiply(s);
  const inverse = Sm2Curve.Fn.inv(t);
  return points
    .map((point) => point.subtract(sG).multiplyUnsafe(inverse))
    .filter((key) => !key.is0())
    .map(encodeSm2Point);
}

/** The points with this x: two opposite ones, the even y first, or none. */
function pointsAt(x: bigint) {
  const square = Fp.create(x * x * x + Sm2Curve.CURVE().a * x + Sm2Curve.CURVE().b);
  // p is 3 modulo 4, so a root is one power.
  const root = Fp.pow(square, (Fp.ORDER + 1n) / 4n);
  const even = root % 2n === 0n ? root : Fp.neg(root);
  return [even, Fp.neg(even)].flatMap((y) => {
    const point = decodeSm2Point(concatBytes(fromBigInt(x, 32), fromBigInt(y, 32)));
    return point === undefined ? [] : [point];
  });
}
