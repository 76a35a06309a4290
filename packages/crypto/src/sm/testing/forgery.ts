/** Valid SM2 signatures with nonces of one's choice, and many ways to spoil them. */
import { concatBytes, fromBigInt, toBigInt } from '@menglian/base/bytes';
import type { SeededRandom } from '@menglian/base/seededRandom';
import { sm3 } from '../../hashes.js';
import { sm2SignerDigest } from '../../sm2.js';
import { SM2_ORDER as ORDER, Sm2Curve } from '../../sm2Curve.js';
import type { CryptoSuite, SignatureCheck } from '../../suite.js';

const FIELD_PRIME = Sm2Curve.Fp.ORDER;

/** Numbers of 1 to n − 2. */
export function randomScalar(random: SeededRandom): bigint {
  return (toBigInt(random.bytes(40)) % (ORDER - 2n)) + 1n;
}

export function modulo(value: bigint): bigint {
  return ((value % ORDER) + ORDER) % ORDER;
}

export function publicKeyOf(privateKey: bigint): Uint8Array {
  return Sm2Curve.BASE.multiply(privateKey).toBytes(false).slice(1);
}

/** A signature by the textbook, with a nonce that anybody could know; its parity is that of the nonce's point. */
export function signWithNonce(digest: Uint8Array, privateKey: bigint, nonce: bigint): SignatureCheck {
  const publicKey = publicKeyOf(privateKey);
  const e = toBigInt(sm3(concatBytes(sm2SignerDigest(publicKey), digest)));
  const { x, y } = Sm2Curve.BASE.multiply(nonce).toAffine();
  const r = modulo(e + x);
  const s = modulo(Sm2Curve.Fn.inv(privateKey + 1n) * (nonce - r * privateKey));
  return { digest, signature: joinSignature(r, s, publicKey), likelyKey: publicKey, likelyParity: parityOf(y) };
}

function parityOf(y: bigint): 0 | 1 {
  return (y & 1n) === 0n ? 0 : 1;
}

export function joinSignature(r: bigint, s: bigint, publicKey: Uint8Array): Uint8Array {
  return concatBytes(fromBigInt(r, 32), fromBigInt(s, 32), publicKey);
}

/** Valid checks of some signers, each with its right guesses. */
export function signMany(suite: CryptoSuite, random: SeededRandom, count: number, signers: number): SignatureCheck[] {
  const privateKeys = Array.from({ length: signers }, () => fromBigInt(randomScalar(random), 32));
  const checks = Array.from({ length: count }, (_, i) => {
    const digest = random.bytes(32);
    const signature = suite.sign(digest, privateKeys[i % signers]!);
    return { digest, signature, likelyKey: signature.slice(64) };
  });
  const parities = new Uint8Array(count);
  suite.recoverMany(checks, parities);
  return checks.map((check, i) => ({ ...check, likelyParity: parities[i] as 0 | 1 }));
}

function withFlippedBit(bytes: Uint8Array, random: SeededRandom, from: number, to: number): Uint8Array {
  const copy = bytes.slice();
  copy[from + random.below(to - from)]! ^= 1 << random.below(8);
  return copy;
}

function withWord(bytes: Uint8Array, at: number, value: bigint): Uint8Array {
  const copy = bytes.slice();
  copy.set(fromBigInt(value, 32), at);
  return copy;
}

/** What can be done to a valid check; `other` is a valid one of somebody else's, or of the same signer. */
type Damage = (check: SignatureCheck, other: SignatureCheck, random: SeededRandom) => SignatureCheck;

/** Most of these leave no valid signature; which, single verification says. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  'flipped bit of the digest': (check, _, random) => ({
    ...check,
    digest: withFlippedBit(check.digest, random, 0, 32),
  }),
  'flipped bit of r': (check, _, random) => ({ ...check, signature: withFlippedBit(check.signature, random, 0, 32) }),
  'flipped bit of s': (check, _, random) => ({ ...check, signature: withFlippedBit(check.signature, random, 32, 64) }),
  'flipped bit of the key': (check, _, random) => ({
    ...check,
    signature: withFlippedBit(check.signature, random, 64, 128),
  }),
  'wrong parity': (check) => ({ ...check, likelyParity: check.likelyParity === 1 ? 0 : 1 }),
  'no parity': (check) => ({ ...check, likelyParity: undefined }),
  'parity out of range': (check, _, random) => ({ ...check, likelyParity: random.pick([2, 3, 254, 255]) as 0 }),
  's negated': (check) => ({
    ...check,
    signature: withWord(check.signature, 32, ORDER - toBigInt(check.signature.subarray(32, 64))),
  }),
  'r and s swapped': (check) => ({
    ...check,
    signature: concatBytes(
      check.signature.subarray(32, 64),
      check.signature.subarray(0, 32),
      check.signature.subarray(64),
    ),
  }),
  'r + s = n': (check) => ({
    ...check,
    signature: withWord(check.signature, 32, ORDER - toBigInt(check.signature.subarray(0, 32))),
  }),
  'r out of range': (check, _, random) => {
    const values = [0n, ORDER, ORDER + 1n, FIELD_PRIME - 1n, FIELD_PRIME, 2n ** 256n - 1n];
    return { ...check, signature: withWord(check.signature, 0, random.pick(values)) };
  },
  's out of range': (check, _, random) => {
    const values = [0n, ORDER, ORDER + 1n, FIELD_PRIME - 1n, FIELD_PRIME, 2n ** 256n - 1n];
    return { ...check, signature: withWord(check.signature, 32, random.pick(values)) };
  },
  'edge of range': (check, _, random) => {
    const values = [1n, 2n, 3n, ORDER / 2n, ORDER - 3n, ORDER - 2n, ORDER - 1n];
    const signature = withWord(check.signature, 32, random.pick(values));
    return { ...check, signature: random.chance(50) ? withWord(signature, 0, random.pick(values)) : signature };
  },
  'another digest': (check, other) => ({ ...check, digest: other.digest }),
  'key of another': (check, other) => ({
    ...check,
    signature: concatBytes(check.signature.subarray(0, 64), other.signature.subarray(64)),
  }),
  'key negated': (check) => ({
    ...check,
    signature: withWord(check.signature, 96, FIELD_PRIME - toBigInt(check.signature.subarray(96))),
  }),
  'key that fits half': (check, other) => ({
    ...check,
    signature: concatBytes(check.signature.subarray(0, 96), other.signature.subarray(96)),
  }),
  'key out of range': (check, _, random) => {
    const values = [0n, FIELD_PRIME, FIELD_PRIME + 1n, 2n ** 256n - 1n];
    const signature = withWord(check.signature, random.pick([64, 96]), random.pick(values));
    return { ...check, signature: random.chance(30) ? signature.fill(0, 64) : signature };
  },
  'guess of another': (check, other) => ({ ...check, likelyKey: other.likelyKey }),
  'guess of wrong length': (check, _, random) => ({
    ...check,
    likelyKey: random.bytes(random.pick([0, 1, 32, 63, 65, 128])),
  }),
  'no guess': ({ digest, signature }) => ({ digest, signature }),
  'digest of wrong length': (check, _, random) => ({ ...check, digest: random.bytes(random.pick([0, 31, 33, 64])) }),
  'signature of wrong length': (check, _, random) => ({
    ...check,
    signature: concatBytes(check.signature, random.bytes(3)).subarray(0, random.pick([0, 1, 64, 127, 129, 131])),
  }),
  noise: (_, other, random) => ({ ...other, digest: random.bytes(32), signature: random.bytes(128) }),
  'noise by a key': (_, other, random) => ({
    ...other,
    signature: concatBytes(random.bytes(64), other.signature.subarray(64)),
  }),
  'sum is infinity': (check, _, random) => {
    // With the generator for a key, sG + tG is infinity for t = −s.
    const s = randomScalar(random);
    return { ...check, signature: joinSignature(modulo(-2n * s), s, publicKeyOf(1n)) };
  },
};
