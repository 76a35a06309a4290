/**
 * The verifiable random function of FISCO BCOS 2.x and of WeDPR, whose proofs contracts check: a Schnorr proof that two
 * points of ristretto255 (RFC 9496) have the same logarithm, with SHA3-512 as hash. It resembles ECVRF of RFC 9381 and is
 * not compatible with it.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { sha3_512 } from '@noble/hashes/sha3.js';
import { concatBytes, equalBytes, fromBigInt, utf8Bytes } from '@menglian/base/bytes';
import { keccak256 } from './hashes.js';

const Point = ristretto255.Point;
type RistrettoPoint = InstanceType<typeof Point>;

const COMPONENT_BYTES = 32;
/** gamma ‖ c ‖ s */
const VRF_PROOF_BYTES = 3 * COMPONENT_BYTES;
const VRF_PUBLIC_KEY_BYTES = 32;

/** The random value's point is multiplied by this before hashing, though the group has no cofactor. */
const HASH_FACTOR = 8n;

/** Keeps the blinding of proofs apart from every other hash of a secret. */
const BLINDING_DOMAIN = utf8Bytes('menglian vrf blinding');

/** @param secret any bytes that nobody can guess. @returns 32 bytes */
export function vrfPublicKey(secret: Uint8Array): Uint8Array {
  return Point.BASE.multiply(hashToScalar(secret)).toBytes();
}

/**
 * The owner's side of `verifyVrf`. The same secret and input always give the same proof; the blinding is a hash of both,
 * as in RFC 8032, so that no bad source of randomness can give the secret away.
 * @returns 96 bytes
 */
export function proveVrf(secret: Uint8Array, input: Uint8Array): Uint8Array {
  const factor = hashToScalar(secret);
  const publicKey = vrfPublicKey(secret);
  const inputPoint = pointOfInput(publicKey, input);
  const gamma = inputPoint.multiply(factor).toBytes();
  const blinding = hashToScalar(BLINDING_DOMAIN, sha3_512(secret), sha3_512(input));
  const u = Point.BASE.multiply(blinding).toBytes();
  const v = inputPoint.multiply(blinding).toBytes();
  const c = hashToScalar(publicKey, input, publicKey, gamma, u, v);
  const s = Point.Fn.create(blinding - c * factor);
  return concatBytes(gamma, littleEndianBytes(c), littleEndianBytes(s));
}

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
  const inputPoint = pointOfInput(publicKey, input);
  const u = times(key, c).add(times(Point.BASE, s)).toBytes();
  const v = times(gamma, c).add(times(inputPoint, s)).toBytes();
  if (hashToScalar(publicKey, input, publicKey, gammaBytes, u, v) !== c) return undefined;
  return keccak256(times(gamma, HASH_FACTOR).toBytes());
}

function pointOfInput(publicKey: Uint8Array, input: Uint8Array): RistrettoPoint {
  return ristretto255_hasher.deriveToCurve!(sha3_512(concatBytes(publicKey, input)));
}

function hashToScalar(...parts: readonly Uint8Array[]): bigint {
  return littleEndian(sha3_512(concatBytes(...parts))) % Point.Fn.ORDER;
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

function littleEndianBytes(value: bigint): Uint8Array {
  return fromBigInt(value, COMPONENT_BYTES).toReversed();
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
