import { concatBytes, equalBytes, fromBigInt, fromHex, toBigInt, toHex } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import type { CryptoSuite, SuiteName } from '@menglian/crypto/suite';
import { beforeAll, describe, expect, it } from 'vitest';

/** What the two families fix; everything else is the same for both. */
interface SuiteFacts {
  readonly order: bigint;
  readonly largestPrivateKey: bigint;
  /** The public key of the private key 1: the generator of the curve. */
  readonly generator: string;
  readonly emptyHash: string;
  readonly signatureLength: number;
}

export const SUITE_FACTS: Readonly<Record<SuiteName, SuiteFacts>> = {
  ecdsa: {
    order: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    largestPrivateKey: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140n,
    generator:
      '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798' +
      '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
    emptyHash: 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    signatureLength: 65,
  },
  sm: {
    order: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
    largestPrivateKey: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121n,
    generator:
      '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
      'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
    emptyHash: '1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b',
    signatureLength: 128,
  },
};

const MAX_256_BIT = 2n ** 256n - 1n;

/** What every implementation of `CryptoSuite` must do, whichever library is underneath. */
export function cryptoSuiteCompliance(name: string, load: () => Promise<CryptoSuite>): void {
  describe(`crypto suite: ${name}`, () => {
    let suite: CryptoSuite;
    let facts: SuiteFacts;
    const random = new SeededRandom(20);

    /** A key, its public key, a digest and the signature that belongs to them. */
    const signed = () => {
      const privateKey = random.bytes(32);
      privateKey[0]! &= 0x7f;
      const digest = random.bytes(32);
      return { privateKey, digest, publicKey: suite.publicKey(privateKey), signature: suite.sign(digest, privateKey) };
    };

    /** Neither method may accept, and neither may throw. */
    const expectRefused = (digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => {
      expect(suite.recover(digest, signature)).toBeUndefined();
      expect(suite.verify(digest, signature, publicKey)).toBe(false);
    };

    beforeAll(async () => {
      suite = await load();
      facts = SUITE_FACTS[suite.name];
    });

    it('tells the facts of its family', () => {
      expect(suite.signatureLength).toBe(facts.signatureLength);
      expect(toHex(suite.emptyHash)).toBe(facts.emptyHash);
      expect(suite.hash(new Uint8Array(0))).toEqual(suite.emptyHash);
      expect(toHex(suite.publicKey(fromBigInt(1n, 32)))).toBe(facts.generator);
      expect(['addon', 'native', 'javascript']).toContain(suite.provider);
    });

    it('knows private keys by length and range', () => {
      for (const key of [1n, 2n, facts.order / 2n, facts.largestPrivateKey]) {
        expect(suite.isPrivateKey(fromBigInt(key, 32))).toBe(true);
      }
      for (const key of [0n, facts.largestPrivateKey + 1n, facts.order, facts.order + 1n, MAX_256_BIT]) {
        const bytes = fromBigInt(key, 32);
        expect(suite.isPrivateKey(bytes)).toBe(false);
        expect(() => suite.publicKey(bytes)).toThrow(InvariantError);
        expect(() => suite.sign(new Uint8Array(32), bytes)).toThrow(InvariantError);
      }
      for (const length of [0, 1, 31, 33, 64]) {
        expect(suite.isPrivateKey(new Uint8Array(length).fill(1))).toBe(false);
      }
    });

    it('accepts its own signatures, at the edges of digests and keys too', () => {
      const digests = [0n, 1n, facts.order - 1n, facts.order, facts.order + 1n, MAX_256_BIT];
      const keys = [1n, 2n, facts.largestPrivateKey];
      for (const digest of digests.map((value) => fromBigInt(value, 32))) {
        for (const key of keys.map((value) => fromBigInt(value, 32))) {
          const signature = suite.sign(digest, key);
          expect(signature.length).toBe(suite.signatureLength);
          expect(suite.recover(digest, signature)).toEqual(suite.publicKey(key));
          expect(suite.verify(digest, signature, suite.publicKey(key))).toBe(true);
        }
      }
    });

    it('signs the same twice and other things differently', () => {
      const { digest, privateKey, signature } = signed();
      expect(suite.sign(digest, privateKey)).toEqual(signature);
      expect(suite.sign(random.bytes(32), privateKey).subarray(0, 32)).not.toEqual(signature.subarray(0, 32));
      expect(() => suite.sign(new Uint8Array(31), privateKey)).toThrow(InvariantError);
      expect(() => suite.sign(new Uint8Array(33), privateKey)).toThrow(InvariantError);
    });

    it('refuses another key, another digest, and every flipped bit', () => {
      const { digest, publicKey, signature } = signed();
      expect(suite.verify(digest, signature, signed().publicKey)).toBe(false);
      expect(suite.verify(signed().digest, signature, publicKey)).toBe(false);
      for (let bit = 0; bit < 8 * signature.length; bit += 1 + random.below(8)) {
        const changed = signature.slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(suite.verify(digest, changed, publicKey)).toBe(false);
        const recovered = suite.recover(digest, changed);
        if (recovered !== undefined) expect(equalBytes(recovered, publicKey)).toBe(false);
      }
    });

    it('refuses wrong lengths everywhere', () => {
      const { digest, publicKey, signature } = signed();
      for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 66, 127, 128, 129, 1000]) {
        const bytes = random.bytes(length);
        if (length !== 32) expectRefused(bytes, signature, publicKey);
        if (length !== suite.signatureLength) expectRefused(digest, bytes, publicKey);
        expect(suite.verify(digest, signature, bytes)).toBe(false);
      }
      expectRefused(digest, signature.subarray(1), publicKey);
      expectRefused(digest, signature.subarray(0, signature.length - 1), publicKey);
      expectRefused(digest, concatBytes(signature, Uint8Array.of(0)), publicKey);
      expect(suite.verify(digest, signature, concatBytes(Uint8Array.of(4), publicKey))).toBe(false);
    });

    it('refuses r and s out of range', () => {
      const { digest, publicKey, signature } = signed();
      for (const value of [0n, facts.order, facts.order + 1n, MAX_256_BIT]) {
        for (const offset of [0, 32]) {
          const changed = signature.slice();
          changed.set(fromBigInt(value, 32), offset);
          expectRefused(digest, changed, publicKey);
        }
      }
      const zero = signature.slice().fill(0, 0, 64);
      expectRefused(digest, zero, publicKey);
      expectRefused(digest, new Uint8Array(suite.signatureLength), publicKey);
      expectRefused(digest, new Uint8Array(suite.signatureLength).fill(0xff), publicKey);
    });

    it('refuses keys that are no points', () => {
      const { digest, publicKey, signature } = signed();
      const offCurve = publicKey.slice();
      offCurve[63]! ^= 1;
      for (const key of [new Uint8Array(64), new Uint8Array(64).fill(0xff), offCurve]) {
        expect(suite.verify(digest, signature, key)).toBe(false);
        if (suite.name === 'sm') expectRefused(digest, concatBytes(signature.subarray(0, 64), key), key);
      }
    });

    it('recovers many as it recovers one, whatever the guesses are', () => {
      expect(suite.recoverMany([])).toEqual([]);
      const all = Array.from({ length: 9 }, signed);
      const guesses = all.map(({ publicKey }, i) => (i % 3 === 0 ? all[(i + 1) % 9]!.publicKey : publicKey));
      const checks = all.map(({ digest, signature }, i) => ({ digest, signature, likelyKey: guesses[i] }));
      checks[1] = { ...checks[1]!, digest: random.bytes(32) };
      checks[2] = { ...checks[2]!, likelyKey: undefined };
      checks[4] = { ...checks[4]!, likelyKey: guesses[4]!.subarray(1) };
      checks[5] = { ...checks[5]!, signature: new Uint8Array(suite.signatureLength) };
      checks[7] = { ...checks[7]!, signature: checks[7]!.signature.subarray(1) };
      const answers = suite.recoverMany(checks);
      const one = checks.map(({ digest, signature }) => suite.recover(digest, signature));
      expect(answers).toEqual(one);
      expect(answers[5]).toBeUndefined();
      expect(answers[7]).toBeUndefined();
      // The very object where the guess is right, so that callers can tell by identity.
      expect(answers[8]).toBe(guesses[8]);
      expect(answers[0]).toEqual(all[0]!.publicKey);
      expect(answers[0]).not.toBe(all[0]!.publicKey);
    });

    it('has one form of every signature', () => {
      const { digest, publicKey, signature } = signed();
      if (suite.name === 'sm') {
        // A signature with another's key embedded is no signature of either.
        const other = signed();
        const mixed = concatBytes(signature.subarray(0, 64), other.publicKey);
        expectRefused(digest, mixed, publicKey);
        expectRefused(digest, mixed, other.publicKey);
        return;
      }
      expect(toBigInt(signature.subarray(32, 64)) <= facts.order / 2n).toBe(true);
      const highS = fromBigInt(facts.order - toBigInt(signature.subarray(32, 64)), 32);
      for (const v of [0, 1]) {
        expectRefused(digest, concatBytes(signature.subarray(0, 32), highS, Uint8Array.of(v)), publicKey);
      }
      for (const v of [2, 3, 4, 27, 28, 255]) {
        expectRefused(digest, concatBytes(signature.subarray(0, 64), Uint8Array.of(v)), publicKey);
      }
      const otherV = concatBytes(signature.subarray(0, 64), Uint8Array.of(1 - signature[64]!));
      expect(suite.verify(digest, otherV, publicKey)).toBe(false);
    });

    it('recovers nothing where the key would be the point at infinity', () => {
      if (suite.name !== 'ecdsa') return;
      // With R = G and s equal to the digest, s·R - digest·G is zero.
      const digest = fromBigInt(5n, 32);
      const generatorX = fromHex(facts.generator).subarray(0, 32);
      const signature = concatBytes(generatorX, digest, Uint8Array.of(0));
      expectRefused(digest, signature, new Uint8Array(64));
      expect(suite.recover(digest, concatBytes(generatorX, digest, Uint8Array.of(1)))).toBeDefined();
    });

    it('reads views, leaves its inputs alone and answers with arrays of its own', () => {
      const { digest, privateKey, publicKey, signature } = signed();
      const buffer = concatBytes(Uint8Array.of(9), digest, signature, publicKey, privateKey);
      const copy = buffer.slice();
      const view = (from: number, length: number) => Buffer.from(buffer.buffer, from, length);
      const keyAt = 33 + signature.length;
      expect(suite.verify(view(1, 32), view(33, signature.length), view(keyAt, 64))).toBe(true);
      expect(suite.sign(view(1, 32), view(keyAt + 64, 32))).toEqual(signature);
      expect(suite.publicKey(view(keyAt + 64, 32))).toEqual(publicKey);
      const recovered = suite.recover(view(1, 32), view(33, signature.length))!;
      expect(recovered).toEqual(publicKey);
      recovered.fill(0);
      suite.publicKey(privateKey).fill(0);
      expect(suite.recover(digest, signature)).toEqual(publicKey);
      expect(buffer).toEqual(copy);
    });

    it('gives one verdict by both methods on signatures of noise', () => {
      for (let i = 0; i < 60; i++) {
        const digest = random.bytes(32);
        const signature = random.bytes(suite.signatureLength);
        if (suite.name === 'ecdsa') {
          signature[32]! &= 0x7f;
          signature[64] = random.below(2);
        }
        const recovered = suite.recover(digest, signature);
        if (recovered === undefined) continue;
        expect(suite.verify(digest, signature, recovered)).toBe(true);
      }
    });
  });
}
