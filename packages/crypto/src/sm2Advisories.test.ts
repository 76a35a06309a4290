/**
 * The three advisories of January 2026 about the npm package sm-crypto, each as an attack on ours: a verifier or decrypter
 * with the fault is built here first, so that the test shows that the attack is one.
 */
import { concatBytes, fromBigInt, fromHex, toBigInt, utf8Bytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { beforeAll, describe, expect, it } from 'vitest';
import { derElement, derInteger, DerTag } from './der.js';
import { sm3 } from './hashes.js';
import { sm3Kdf } from './kdf.js';
import { loadSuite } from './loadSuite.js';
import { sm2PublicKey, sm2Sign, sm2Verify } from './sm2.js';
import { decodeSm2Point, SM2_ORDER, Sm2Curve } from './sm2Curve.js';
import { derSignature, parseDerSignature } from './sm2Der.js';
import { sm2Decrypt } from './sm2Encryption.js';
import { sm2ExchangeAsInitiator } from './sm2KeyExchange.js';
import type { CryptoSuite } from './suite.js';

const privateKey = fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
const publicKey = sm2PublicKey(privateKey);
const modulo = (value: bigint) => ((value % SM2_ORDER) + SM2_ORDER) % SM2_ORDER;

/** The verifying equation with the message itself in the place of its hash, and without range checks. */
function looseVerify(e: bigint, r: bigint, s: bigint): boolean {
  const sum = Sm2Curve.BASE.multiplyUnsafe(modulo(s)).add(decodeSm2Point(publicKey)!.multiplyUnsafe(modulo(r + s)));
  return modulo(e + sum.toAffine().x) === modulo(r);
}

describe('CVE-2026-23965, forging: a verifier that does not hash lets r and s choose the message', () => {
  const random = new SeededRandom(31);
  let suites: readonly CryptoSuite[];

  beforeAll(async () => {
    suites = [await loadSuite('sm'), await loadSuite('sm', 'javascript')];
  });

  /** r and s from two random numbers, and the message for which they hold, all without the private key. */
  function forge() {
    const [s, t] = [modulo(toBigInt(random.bytes(32))), modulo(toBigInt(random.bytes(32)))];
    const sum = Sm2Curve.BASE.multiply(s).add(decodeSm2Point(publicKey)!.multiply(t));
    const r = modulo(t - s);
    return { r, s, e: modulo(r - sum.toAffine().x) };
  }

  it('refuses the message that fits', () => {
    for (let i = 0; i < 10; i++) {
      const { r, s, e } = forge();
      expect(looseVerify(e, r, s)).toBe(true);
      const signature = concatBytes(fromBigInt(r, 32), fromBigInt(s, 32));
      const message = fromBigInt(e, 32);
      expect(sm2Verify(message, signature, publicKey)).toBe(false);
      for (const suite of suites) {
        expect(suite.verify(message, concatBytes(signature, publicKey), publicKey)).toBe(false);
        expect(suite.recover(message, concatBytes(signature, publicKey))).toBeUndefined();
      }
    }
  });

  it('refuses such a message with a beginning of the attacker', () => {
    const { r, s, e } = forge();
    const prefix = utf8Bytes('pay 1000 to mallory #');
    const message = concatBytes(prefix, fromBigInt(modulo(e - (toBigInt(prefix) << 256n)), 32));
    expect(looseVerify(toBigInt(message), r, s)).toBe(true);
    expect(sm2Verify(message, concatBytes(fromBigInt(r, 32), fromBigInt(s, 32)), publicKey)).toBe(false);
  });
});

describe('CVE-2026-23966, private key recovery: a decrypter that takes points of other curves tells about its key', () => {
  const { Fp } = Sm2Curve;
  const a = Fp.neg(3n);

  /** The smallest x for which the curve with the same a and some other b has a point of order 3. */
  const { x, y } = (() => {
    for (let x = 1n; ; x++) {
      // The third division polynomial vanishes: 3x⁴ + 6ax² + 12bx = a².
      const square = Fp.mul(x, x);
      const numerator = Fp.create(a * a - 3n * square * square - 6n * a * square);
      const b = Fp.div(numerator, Fp.create(12n * x));
      const ySquare = Fp.create(x * square + a * x + b);
      if (Fp.pow(ySquare, (Fp.ORDER - 1n) / 2n) === 1n) return { x, y: Fp.sqrt(ySquare) };
    }
  })();
  const point = concatBytes(fromBigInt(x, 32), fromBigInt(y, 32));
  /** 1 more than a multiple of 3, so that its multiple of the point is the point. */
  const key = fromBigInt((toBigInt(privateKey) / 3n) * 3n + 1n, 32);

  it('is about points of small order: the double of this one is its opposite, so that it has but three multiples', () => {
    const slope = Fp.div(Fp.create(3n * x * x + a), Fp.create(2n * y));
    const doubleX = Fp.create(slope * slope - 2n * x);
    expect([doubleX, Fp.create(slope * (x - doubleX) - y)]).toEqual([x, Fp.neg(y)]);
  });

  it('refuses a ciphertext that would say whether the key is 1 modulo 3', () => {
    const message = utf8Bytes('is the key 1 modulo 3?');
    const mask = sm3Kdf(point, message.length);
    const hash = sm3(concatBytes(point.subarray(0, 32), message, point.subarray(32)));
    const masked = message.map((byte, i) => byte ^ mask[i]!);
    const c1 = concatBytes(Uint8Array.of(4), point);
    expect(sm2Decrypt(concatBytes(c1, hash, masked), key, 'c1c3c2')).toBeUndefined();
    expect(sm2Decrypt(concatBytes(c1, masked, hash), key, 'c1c2c3')).toBeUndefined();
    const asn1 = derElement(
      DerTag.sequence,
      derInteger(x),
      derInteger(y),
      derElement(DerTag.octetString, hash),
      derElement(DerTag.octetString, masked),
    );
    expect(sm2Decrypt(asn1, key, 'asn1')).toBeUndefined();
  });

  it('refuses such points in signatures and in the key exchange', () => {
    const message = utf8Bytes('message');
    expect(sm2Verify(message, sm2Sign(message, privateKey), point)).toBe(false);
    const own = { privateKey: key, ephemeralPrivateKey: privateKey };
    expect(sm2ExchangeAsInitiator(own, { publicKey, ephemeralPublicKey: point }, 16)).toBeUndefined();
    expect(sm2ExchangeAsInitiator(own, { publicKey: point, ephemeralPublicKey: publicKey }, 16)).toBeUndefined();
  });
});

describe('CVE-2026-23967, malleability: a verifier without ranges takes r + n and s + n for r and s', () => {
  const message = utf8Bytes('message');
  const signature = sm2Sign(message, privateKey);
  const [r, s] = [toBigInt(signature.subarray(0, 32)), toBigInt(signature.subarray(32))];
  const der = (...values: readonly bigint[]) => derElement(DerTag.sequence, ...values.map(derInteger));

  it('takes the one signature', () => {
    expect(parseDerSignature(der(r, s))).toEqual(signature);
    expect(sm2Verify(message, signature, publicKey)).toBe(true);
  });

  it('refuses every other form of it', () => {
    const others = [r + SM2_ORDER, s + SM2_ORDER, r + 2n * SM2_ORDER].flatMap((big) => [der(big, s), der(r, big)]);
    for (const one of others) expect(parseDerSignature(one)).toBeUndefined();
    // The same numbers in longer encodings.
    const rBytes = derInteger(r);
    const padded = derElement(DerTag.integer, new Uint8Array(2), fromBigInt(r, 32));
    const plain = derSignature(signature);
    const encodings = [
      derElement(DerTag.sequence, padded, derInteger(s)),
      derElement(DerTag.sequence, rBytes, derInteger(s), derElement(DerTag.null)),
      concatBytes(plain, Uint8Array.of(0)),
      concatBytes(Uint8Array.of(0x30, 0x81), plain.subarray(1)),
    ];
    for (const one of encodings) expect(parseDerSignature(one)).toBeUndefined();
    expect(sm2Verify(message, concatBytes(Uint8Array.of(0), signature), publicKey)).toBe(false);
  });

  it('refuses values at and above n that fit 32 bytes, though the loose equation holds for them', () => {
    // r = 1 + n and s = 2 + n for the message that fits r = 1 and s = 2: only unhashed messages can be fitted.
    const sum = Sm2Curve.BASE.multiply(2n).add(decodeSm2Point(publicKey)!.multiply(3n));
    const e = modulo(1n - sum.toAffine().x);
    expect(looseVerify(e, 1n + SM2_ORDER, 2n + SM2_ORDER)).toBe(true);
    const fitting = concatBytes(fromBigInt(1n + SM2_ORDER, 32), fromBigInt(2n + SM2_ORDER, 32));
    expect(sm2Verify(fromBigInt(e, 32), fitting, publicKey)).toBe(false);
  });

  it('refuses the opposite of r and s, which malleable ECDSA takes', () => {
    for (const [a, b] of [
      [r, SM2_ORDER - s],
      [SM2_ORDER - r, s],
      [SM2_ORDER - r, SM2_ORDER - s],
    ] as const) {
      expect(sm2Verify(message, concatBytes(fromBigInt(a, 32), fromBigInt(b, 32)), publicKey)).toBe(false);
    }
  });
});
