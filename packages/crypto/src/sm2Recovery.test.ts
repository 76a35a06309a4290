import { concatBytes, fromBigInt, fromHex, toBigInt, toHex } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { sm3 } from './hashes.js';
import { sm2PublicKey, sm2Sign, sm2SignerDigest, sm2SignWithNonce, sm2Verify } from './sm2.js';
import { SM2_ORDER, Sm2Curve } from './sm2Curve.js';
import { sm2KeyCandidates } from './sm2Recovery.js';

const random = new SeededRandom(41);

describe('the candidates for the key of a signature', () => {
  it('hold the signer, who alone verifies: the others would have signed with a Z of their own', () => {
    for (let i = 0; i < 10; i++) {
      const [privateKey, message] = [random.bytes(32), random.bytes(random.below(100))];
      const publicKey = sm2PublicKey(privateKey);
      const signature = sm2Sign(message, privateKey);
      const e = sm3(concatBytes(sm2SignerDigest(publicKey), message));
      const candidates = sm2KeyCandidates(e, signature);
      expect(candidates.length).toBe(2);
      expect(candidates.filter((key) => sm2Verify(message, signature, key))).toEqual([publicKey]);
      for (const key of candidates) expect(holdsFor(toBigInt(e), signature, key)).toBe(true);
    }
  });

  it('are none or other keys for another e', () => {
    const privateKey = random.bytes(32);
    const signature = sm2SignWithNonce(5n, toBigInt(privateKey), 77n)!;
    const keysFor = (e: bigint) => sm2KeyCandidates(fromBigInt(e, 32), signature).map(toHex);
    expect(keysFor(5n)).toContain(toHex(sm2PublicKey(privateKey)));
    expect(keysFor(5n + SM2_ORDER)).toEqual(keysFor(5n));
    for (let e = 6n; e < 20n; e++) expect(keysFor(e)).not.toContain(toHex(sm2PublicKey(privateKey)));
  });

  it('come from x coordinates at and above n as well', () => {
    // The smallest x of a point at or above n. Whoever claims (x, y) as s·G + t·key has a key; nobody has its logarithm.
    const { Fp } = Sm2Curve;
    const { a, b } = Sm2Curve.CURVE();
    let x = SM2_ORDER;
    while (Fp.pow(Fp.create(x * x * x + a * x + b), (Fp.ORDER - 1n) / 2n) !== 1n) x++;
    const e = 1n;
    const signature = concatBytes(fromBigInt((e + x) % SM2_ORDER, 32), fromBigInt(3n, 32));
    const candidates = sm2KeyCandidates(fromBigInt(e, 32), signature);
    expect(candidates.length === 2 || candidates.length === 4).toBe(true);
    for (const key of candidates) expect(holdsFor(e, signature, key)).toBe(true);
    expect(candidates.map(toHex).filter((key, i, all) => all.indexOf(key) === i).length).toBe(candidates.length);
  });

  it('are none for r and s out of range', () => {
    const one = fromBigInt(1n, 32);
    for (const value of [0n, SM2_ORDER, 2n ** 256n - 1n]) {
      expect(sm2KeyCandidates(one, concatBytes(fromBigInt(value, 32), one))).toEqual([]);
      expect(sm2KeyCandidates(one, concatBytes(one, fromBigInt(value, 32)))).toEqual([]);
    }
    expect(sm2KeyCandidates(one, concatBytes(one, fromBigInt(SM2_ORDER - 1n, 32)))).toEqual([]);
    expect(sm2KeyCandidates(one, new Uint8Array(63))).toEqual([]);
    expect(() => sm2KeyCandidates(fromHex('01'), new Uint8Array(64))).toThrow(InvariantError);
  });
});

/** The verifying equation for e. */
function holdsFor(e: bigint, signature: Uint8Array, publicKey: Uint8Array): boolean {
  const [r, s] = [toBigInt(signature.subarray(0, 32)), toBigInt(signature.subarray(32))];
  const key = Sm2Curve.fromBytes(concatBytes(Uint8Array.of(4), publicKey));
  const sum = Sm2Curve.BASE.multiplyUnsafe(s).add(key.multiplyUnsafe((r + s) % SM2_ORDER));
  return (e + sum.toAffine().x) % SM2_ORDER === r;
}
