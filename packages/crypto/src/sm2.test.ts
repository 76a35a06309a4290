import { createPrivateKey, createPublicKey, createSign, createVerify } from 'node:crypto';
import { concatBytes, equalBytes, fromBigInt, fromHex, toBigInt, toHex, utf8Bytes } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { sm3 } from './hashes.js';
import {
  DEFAULT_SIGNER_ID,
  isSm2PrivateKey,
  isSm2PublicKey,
  sm2PublicKey,
  sm2Sign,
  sm2SignerDigest,
  sm2SignWithNonce,
  sm2Verify,
} from './sm2.js';
import { Sm2Curve } from './sm2Curve.js';

const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

// GB/T 32918.5-2017, annex A.2
const example = {
  message: utf8Bytes('message digest'),
  privateKey: fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8'),
  publicKey: fromHex(
    '09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
      'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
  ),
  nonce: 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n,
  e: 0xf0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640n,
  signerDigest: 'b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3',
  signature: fromHex(
    'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
      'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
  ),
};

describe('sm2', () => {
  it('meets the example of GB/T 32918.5', () => {
    expect(sm2PublicKey(example.privateKey)).toEqual(example.publicKey);
    expect(toHex(sm2SignerDigest(example.publicKey))).toBe(example.signerDigest);
    expect(sm2Verify(example.message, example.signature, example.publicKey)).toBe(true);
    const e = sm3(concatBytes(fromHex(example.signerDigest), example.message));
    expect(toBigInt(e)).toBe(example.e);
    expect(sm2SignWithNonce(example.e, toBigInt(example.privateKey), example.nonce)).toEqual(example.signature);
  });

  it('wants another nonce where r, r + nonce or s vanish', () => {
    const { nonce } = example;
    const key = toBigInt(example.privateKey);
    const { x } = Sm2Curve.BASE.multiply(nonce).toAffine();
    const eFor = (r: bigint) => (((r - x) % ORDER) + ORDER) % ORDER;
    expect(sm2SignWithNonce(eFor(0n), key, nonce)).toBeUndefined();
    expect(sm2SignWithNonce(eFor(ORDER - nonce), key, nonce)).toBeUndefined();
    expect(sm2SignWithNonce(eFor(Sm2Curve.Fn.div(nonce, key)), key, nonce)).toBeUndefined();
    expect(sm2SignWithNonce(eFor(1n), key, nonce)).toBeDefined();
  });

  it('mixes entropy into the nonce', () => {
    const sign = (entropy?: Uint8Array) => sm2Sign(example.message, example.privateKey, undefined, entropy);
    const signatures = [sign(), sign(new Uint8Array(32)), sign(new Uint8Array(32).fill(1))];
    expect(new Set(signatures.map((signature) => toHex(signature.subarray(0, 32)))).size).toBe(3);
    for (const signature of signatures) expect(sm2Verify(example.message, signature, example.publicKey)).toBe(true);
    expect(sign(new Uint8Array(32))).toEqual(signatures[1]);
    expect(() => sign(new Uint8Array(31))).toThrow(InvariantError);
  });

  it('signs deterministically, and differently for every message and key', () => {
    const first = sm2Sign(example.message, example.privateKey);
    expect(sm2Sign(example.message, example.privateKey)).toEqual(first);
    expect(sm2Verify(example.message, first, example.publicKey)).toBe(true);
    const halves = new Set<string>();
    const random = new SeededRandom(4);
    for (let i = 0; i < 20; i++) {
      halves.add(toHex(sm2Sign(random.bytes(32), example.privateKey).subarray(0, 32)));
      halves.add(toHex(sm2Sign(example.message, random.bytes(32)).subarray(0, 32)));
    }
    expect(halves.size).toBe(40);
  });

  it('agrees with OpenSSL in both directions', () => {
    const random = new SeededRandom(5);
    for (let i = 0; i < 25; i++) {
      const privateKey = random.bytes(32);
      const publicKey = sm2PublicKey(privateKey);
      const message = random.bytes(random.below(200));
      const signerDigest = sm2SignerDigest(publicKey);
      // createSign and createVerify leave Z to the caller, which makes their SM2 the standard one.
      const verifier = createVerify('sm3').update(signerDigest).update(message);
      expect(verifier.verify(opensslPublicKey(publicKey), toDer(sm2Sign(message, privateKey)))).toBe(true);
      const signer = createSign('sm3').update(signerDigest).update(message);
      const theirs = fromDer(signer.sign(opensslPrivateKey(privateKey, publicKey)));
      expect(sm2Verify(message, theirs, publicKey)).toBe(true);
      theirs[random.below(64)]! ^= 1 << random.below(8);
      expect(sm2Verify(message, theirs, publicKey)).toBe(false);
    }
  });

  it('binds the signature to the signer identity', () => {
    const signature = sm2Sign(example.message, example.privateKey, utf8Bytes('ALICE123@YAHOO.COM'));
    expect(sm2Verify(example.message, signature, example.publicKey, utf8Bytes('ALICE123@YAHOO.COM'))).toBe(true);
    expect(sm2Verify(example.message, signature, example.publicKey, DEFAULT_SIGNER_ID)).toBe(false);
    expect(() => sm2SignerDigest(example.publicKey, new Uint8Array(8192))).toThrow(InvariantError);
  });

  it('refuses r and s out of range, and r + s = n', () => {
    const r = example.signature.subarray(0, 32);
    const s = example.signature.subarray(32);
    const outside = [0n, ORDER, ORDER + 1n, 2n ** 256n - 1n].map((value) => fromBigInt(value, 32));
    for (const value of outside) {
      expect(sm2Verify(example.message, concatBytes(value, s), example.publicKey)).toBe(false);
      expect(sm2Verify(example.message, concatBytes(r, value), example.publicKey)).toBe(false);
    }
    const opposite = fromBigInt(ORDER - toBigInt(r), 32);
    expect(sm2Verify(example.message, concatBytes(r, opposite), example.publicKey)).toBe(false);
    // Congruent to the right s, but not in range.
    const small = concatBytes(r, s);
    expect(sm2Verify(example.message, small.subarray(0, 63), example.publicKey)).toBe(false);
    expect(sm2Verify(example.message, concatBytes(small, new Uint8Array(1)), example.publicKey)).toBe(false);
  });

  it('refuses keys that are no points of the curve', () => {
    const p = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
    const x = example.publicKey.subarray(0, 32);
    const y = toBigInt(example.publicKey.subarray(32));
    const bad = [
      new Uint8Array(64),
      new Uint8Array(64).fill(0xff),
      concatBytes(x, fromBigInt(y ^ 1n, 32)),
      concatBytes(fromBigInt(p, 32), fromBigInt(y, 32)),
      concatBytes(Uint8Array.of(4), example.publicKey),
      example.publicKey.subarray(0, 63),
      new Uint8Array(0),
    ];
    for (const key of bad) {
      expect(isSm2PublicKey(key)).toBe(false);
      expect(sm2Verify(example.message, example.signature, key)).toBe(false);
    }
    // The same x with the other y is a point of the curve, but not the signer's.
    const other = concatBytes(x, fromBigInt(p - y, 32));
    expect(isSm2PublicKey(other)).toBe(true);
    expect(sm2Verify(example.message, example.signature, other)).toBe(false);
  });

  it('takes private keys from 1 to n - 2', () => {
    const accepted = [1n, 2n, ORDER - 2n];
    const refused = [0n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 256n - 1n];
    for (const key of accepted) {
      const bytes = fromBigInt(key, 32);
      expect(isSm2PrivateKey(bytes)).toBe(true);
      expect(sm2Verify(example.message, sm2Sign(example.message, bytes), sm2PublicKey(bytes))).toBe(true);
    }
    for (const key of refused) expect(isSm2PrivateKey(fromBigInt(key, 32))).toBe(false);
    expect(isSm2PrivateKey(new Uint8Array(31).fill(1))).toBe(false);
    expect(() => sm2Sign(example.message, new Uint8Array(32))).toThrow(InvariantError);
    expect(equalBytes(sm2PublicKey(fromBigInt(1n, 32)).subarray(0, 4), fromHex('32c4ae2c'))).toBe(true);
  });
});

/** SubjectPublicKeyInfo of an SM2 key: a fixed prefix and the uncompressed point. */
function opensslPublicKey(publicKey: Uint8Array) {
  const prefix = fromHex('3059301306072a8648ce3d020106082a811ccf5501822d03420004');
  return createPublicKey({ key: Buffer.from(concatBytes(prefix, publicKey)), format: 'der', type: 'spki' });
}

/** PKCS #8 with the ECPrivateKey of RFC 5915 inside. */
function opensslPrivateKey(privateKey: Uint8Array, publicKey: Uint8Array) {
  const prefix = fromHex('308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420');
  const body = concatBytes(prefix, privateKey, fromHex('a14403420004'), publicKey);
  return createPrivateKey({ key: Buffer.from(body), format: 'der', type: 'pkcs8' });
}

function toDer(signature: Uint8Array): Buffer {
  const integer = (bytes: Uint8Array): Buffer => {
    let digits = toBigInt(bytes).toString(16);
    if (digits.length % 2 !== 0) digits = `0${digits}`;
    if (Number.parseInt(digits.slice(0, 2), 16) >= 0x80) digits = `00${digits}`;
    return Buffer.concat([Buffer.of(2, digits.length / 2), Buffer.from(digits, 'hex')]);
  };
  const body = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

function fromDer(der: Buffer): Uint8Array {
  const rLength = der[3]!;
  const r = toBigInt(der.subarray(4, 4 + rLength));
  const s = toBigInt(der.subarray(6 + rLength));
  return concatBytes(fromBigInt(r, 32), fromBigInt(s, 32));
}
