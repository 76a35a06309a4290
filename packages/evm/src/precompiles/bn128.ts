import { concatBytes, fromBigInt } from '@menglian/base/bytes';
import { bn254 } from '@noble/curves/bn254.js';
import { paddedWord } from './input.js';

/** Points of alt_bn128 as EIP-196 and EIP-197 write them: big-endian coordinates, the point at infinity as all zeros. */

const { Fp, Fp2 } = bn254.fields;

const G1 = bn254.G1.Point;
const G2 = bn254.G2.Point;
export type PointG1 = typeof G1.BASE;
export type PointG2 = typeof G2.BASE;

export const G1_BYTES = 64;
export const G2_BYTES = 128;

/** @returns undefined when a coordinate is not below the field's prime, or the point is off the curve */
export function readG1(input: Uint8Array, offset: number): PointG1 | undefined {
  const x = paddedWord(input, offset);
  const y = paddedWord(input, offset + 32);
  if (x >= Fp.ORDER || y >= Fp.ORDER) return undefined;
  if (x === 0n && y === 0n) return G1.ZERO;
  const onCurve = Fp.eql(Fp.sqr(y), Fp.add(Fp.mul(Fp.sqr(x), x), 3n));
  return onCurve ? G1.fromAffine({ x, y }) : undefined;
}

export function writeG1(point: PointG1): Uint8Array {
  if (point.equals(G1.ZERO)) return new Uint8Array(G1_BYTES);
  const { x, y } = point.toAffine();
  return concatBytes(fromBigInt(x, 32), fromBigInt(y, 32));
}

/** Imaginary parts come first. @returns undefined also when the point is not in the group of the right order */
export function readG2(input: Uint8Array, offset: number): PointG2 | undefined {
  const words = [0, 32, 64, 96].map((at) => paddedWord(input, offset + at));
  if (words.some((word) => word >= Fp.ORDER)) return undefined;
  if (words.every((word) => word === 0n)) return G2.ZERO;
  const x = Fp2.fromBigTuple([words[1]!, words[0]!]);
  const y = Fp2.fromBigTuple([words[3]!, words[2]!]);
  const point = G2.fromAffine({ x, y });
  try {
    point.assertValidity();
  } catch {
    return undefined;
  }
  return point;
}
