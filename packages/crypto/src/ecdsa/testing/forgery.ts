/** Valid signatures with nonces of one's choice, and many ways to spoil them. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concatBytes, fromBigInt, fromHex, toBigInt } from '@menglian/base/bytes';
import type { SeededRandom } from '@menglian/base/seededRandom';
import type { CryptoSuite, SignatureCheck } from '../../suite.js';

const { Point } = secp256k1;

export const ORDER = Point.Fn.ORDER;
const FIELD_PRIME = Point.Fp.ORDER;
/** lambda (x, y) = (beta x, y): the endomorphism that bulk checking splits its factors with. */
export const LAMBDA = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;

/** A check whose guess is there and, before anyone spoils it, right. */
export type GuessedCheck = SignatureCheck & { readonly likelyKey: Uint8Array };

/** Numbers of 1 to n − 1. */
export function randomScalar(random: SeededRandom): bigint {
  return (toBigInt(random.bytes(40)) % (ORDER - 1n)) + 1n;
}

export function modulo(value: bigint): bigint {
  return ((value % ORDER) + ORDER) % ORDER;
}

export function publicKeyOf(privateKey: bigint): Uint8Array {
  return Point.BASE.multiply(privateKey).toBytes(false).slice(1);
}

/** A signature by the textbook, with a nonce that anybody could know. */
export function signWithNonce(digest: bigint, privateKey: bigint, nonce: bigint): GuessedCheck {
  const { x, y } = Point.BASE.multiply(nonce).toAffine();
  const s = modulo(Point.Fn.inv(nonce) * (digest + x * privateKey));
  const isHigh = s > ORDER / 2n;
  const v = Number(y & 1n) ^ (isHigh ? 1 : 0);
  return {
    digest: fromBigInt(digest, 32),
    signature: joinSignature(x, isHigh ? ORDER - s : s, v),
    likelyKey: publicKeyOf(privateKey),
  };
}

export function joinSignature(r: bigint, s: bigint, v: number): Uint8Array {
  return concatBytes(fromBigInt(r, 32), fromBigInt(s, 32), Uint8Array.of(v));
}

/** Valid checks of some signers, each with its right guess. */
export function signMany(suite: CryptoSuite, random: SeededRandom, count: number, signers: number): GuessedCheck[] {
  const privateKeys = Array.from({ length: signers }, () => fromBigInt(randomScalar(random), 32));
  const keys = privateKeys.map((key) => suite.publicKey(key));
  return Array.from({ length: count }, (_, i) => {
    const digest = random.bytes(32);
    return { digest, signature: suite.sign(digest, privateKeys[i % signers]!), likelyKey: keys[i % signers]! };
  });
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

function withFlippedBit(bytes: Uint8Array, random: SeededRandom, from: number, to: number): Uint8Array {
  const at = from + random.below(to - from);
  return withByte(bytes, at, bytes[at]! ^ (1 << random.below(8)));
}

function withWord(bytes: Uint8Array, at: number, value: bigint): Uint8Array {
  const copy = bytes.slice();
  copy.set(fromBigInt(value, 32), at);
  return copy;
}

const GENERATOR_X = fromHex('79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');

/** What can be done to a valid check; `other` is a valid one of somebody else's, or of the same signer. */
type Damage = (check: GuessedCheck, other: GuessedCheck, random: SeededRandom) => SignatureCheck;

/** Most of these leave no signature of the guessed key; which, and what is recovered, the oracle says. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  digest: (check, _, random) => ({ ...check, digest: withFlippedBit(check.digest, random, 0, 32) }),
  r: (check, _, random) => ({ ...check, signature: withFlippedBit(check.signature, random, 0, 32) }),
  s: (check, _, random) => ({ ...check, signature: withFlippedBit(check.signature, random, 33, 64) }),
  v: (check) => ({ ...check, signature: withByte(check.signature, 64, 1 - check.signature[64]!) }),
  'v beyond 1': (check, _, random) => ({ ...check, signature: withByte(check.signature, 64, 2 + random.below(254)) }),
  'high s': (check) => {
    const high = withWord(check.signature, 32, ORDER - toBigInt(check.signature.subarray(32, 64)));
    return { ...check, signature: withByte(high, 64, 1 - check.signature[64]!) };
  },
  'r out of range': (check, _, random) => {
    const values = [0n, ORDER, ORDER + 1n, FIELD_PRIME - 1n, FIELD_PRIME, 2n ** 256n - 1n];
    return { ...check, signature: withWord(check.signature, 0, random.pick(values)) };
  },
  's out of range': (check, _, random) => {
    const values = [0n, ORDER / 2n + 1n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 256n - 1n];
    return { ...check, signature: withWord(check.signature, 32, random.pick(values)) };
  },
  'edge of range': (check, _, random) => {
    const values = [1n, 2n, 3n, ORDER / 2n - 1n, ORDER / 2n];
    const signature = withWord(check.signature, 32, random.pick(values));
    return { ...check, signature: random.chance(50) ? withWord(signature, 0, ORDER - random.pick(values)) : signature };
  },
  'another digest': (check, other) => ({ ...check, digest: other.digest }),
  'guess of another': (check, other) => ({ ...check, likelyKey: other.likelyKey }),
  'guess negated': (check) => {
    const y = FIELD_PRIME - toBigInt(check.likelyKey.subarray(32));
    return { ...check, likelyKey: withWord(check.likelyKey, 32, y) };
  },
  'guess off the curve': (check, _, random) => ({
    ...check,
    likelyKey: withFlippedBit(check.likelyKey, random, 0, 64),
  }),
  'guess out of range': (check, _, random) => {
    const values = [0n, FIELD_PRIME, FIELD_PRIME + 1n, 2n ** 256n - 1n];
    const key = withWord(check.likelyKey, 32 * random.below(2), random.pick(values));
    return { ...check, likelyKey: random.chance(30) ? new Uint8Array(64) : key };
  },
  'guess of wrong length': (check, _, random) => ({
    ...check,
    likelyKey: random.bytes(random.pick([0, 1, 32, 33, 63, 65, 128])),
  }),
  'guess that fits half': (check, other) => ({
    ...check,
    likelyKey: concatBytes(check.likelyKey.subarray(0, 32), other.likelyKey.subarray(32)),
  }),
  'no guess': ({ digest, signature }) => ({ digest, signature }),
  'digest of wrong length': (check, _, random) => ({ ...check, digest: random.bytes(random.pick([0, 31, 33, 64])) }),
  'signature of wrong length': (check, _, random) => ({
    ...check,
    signature: concatBytes(check.signature, random.bytes(3)).subarray(0, random.pick([0, 1, 64, 66, 68])),
  }),
  noise: (_, other, random) => ({ digest: random.bytes(32), signature: random.bytes(65), likelyKey: other.likelyKey }),
  'noise of valid form': (_, other, random) => {
    const signature = withByte(random.bytes(65), 64, random.below(2));
    return {
      digest: random.bytes(32),
      signature: withByte(signature, 32, signature[32]! & 0x3f),
      likelyKey: other.likelyKey,
    };
  },
  'key at infinity': (check, _, random) => {
    // With R = G and s equal to the digest, s·R − digest·G is zero; with −G for R it is not.
    const digest = fromBigInt(BigInt(1 + random.below(1000)), 32);
    return { ...check, digest, signature: concatBytes(GENERATOR_X, digest, Uint8Array.of(random.below(2))) };
  },
};
