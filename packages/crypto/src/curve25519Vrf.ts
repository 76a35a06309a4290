/**
 * The verifiable random function of FISCO BCOS 2.x and of WeDPR, whose proofs contracts check: a Schnorr proof that two
 * points of ristretto255 (RFC 9496) have the same logarithm, with SHA3-512 as hash. It resembles ECVRF of RFC 9381 and is
 * not compatible with it.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { sha3_512 } from '@noble/hashes/sha3.js';
import { concatBytes, equalBytes } from '@menglian/base/bytes';
import { keccak256 } from './hashes.js';

const Point = ristretto255.Point;
type RistrettoPoint = InstanceType<typeof Point>;

const COMPONENT_BYTES = 32;
/** gamma ‖ c ‖ s */
const VRF_PROOF_BYTES = 3 * COMPONENT_BYTES;
const VRF_PUBLIC_KEY_BYTES = 32;

/** The random value's point is multiplied by this before hashing, though the group has no cofactor. */
const HASH_FACTOR = 8n;

/**
 * The 32 random bytes that the key's owner could not choose.
 * @returns undefined when the proof is wrong or anything is malformed
 */
export function verifyVrf(publicKey: Uint8Array, input: Uint8Array, proof: Uint8Array): Uint8Array | undefined {
  if (publicKey.length !== VRF_PUBLIC_KEY_BYTES || proof.length !== VRF_PROOF_BYTES) return undefined;
  const gammaBytes = proof.subarray(0, COMPONENT_BYTES);
  const key = decodePoint(publicKey);
  const gamma = decodePoint(gammaBytes);
  if (key === undefined || gamma === undefined) return undefined;
  const c = scalarOf(proof.subarray(COMPONENT_BYTES, 2 * COMPONENT_BYTES));
  const s = scalarOf(proof.subarray(2 * COMPONENT_BYTES)) % Point.Fn.ORDER;
  if (c >= Point.Fn.ORDER) return undefined;
  const inputPoint = ristretto255_hasher.deriveToCurve!(sha3_512(concatBytes(publicKey, input)));
  const u = times(key, c).add(times(Point.BASE, s)).toBytes();
  const v = times(gamma, c).add(times(inputPoint, s)).toBytes();
  const bound = sha3_512(concatBytes(publicKey, input, publicKey, gammaBytes, u, v));
  if (littleEndian(bound) % Point.Fn.ORDER !== c) return undefined;
  return keccak256(times(gamma, HASH_FACTOR).toBytes());
}

/** Verification handles no secrets, and 0 is a possible factor. */
function times(point: RistrettoPoint, factor: bigint): RistrettoPoint {
  return point.multiplyUnsafe(factor);
}

/** Little endian without the highest bit, which 2.x ignores. */
function scalarOf(bytes: Uint8Array): bigint {
  return littleEndian(bytes) & ((1n << 255n) - 1n);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Only the canonical encoding of a point: RFC 9496, 4.3.1. */
function decodePoint(bytes: Uint8Array): RistrettoPoint | undefined {
  try {
    const point = Point.fromBytes(bytes);
    return equalBytes(point.toBytes(), bytes) ? point : undefined;
  } catch {
    return undefined;
  }
}
