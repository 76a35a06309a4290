import { concatBytes, fromBigInt, fromHex, toBigInt, toHex, utf8Bytes } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sm3 } from './hashes.js';
import { sm3Kdf } from './kdf.js';
import { sm2PublicKey } from './sm2.js';
import { decodeSm2Point, encodeSm2Point, Sm2Curve } from './sm2Curve.js';
import {
  SM2_MESSAGE_BYTES_MAX,
  type Sm2CiphertextForm,
  sm2Decrypt,
  sm2Encrypt,
  sm2EncryptWithNonce,
} from './sm2Encryption.js';

// GB/T 32918.5-2017, annex C.2
const message = utf8Bytes('encryption standard');
const privateKey = fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
const publicKey = sm2PublicKey(privateKey);
const nonce = 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n;
const x = '04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73';
const y = 'e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0';
const c2 = '21886ca989ca9c7d58087307ca93092d651efa';
const c3 = '59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766';

const FORMS: readonly Sm2CiphertextForm[] = ['c1c3c2', 'c1c2c3', 'asn1'];
const randomness = new Uint8Array(32).fill(7);

describe('sm2 encryption', () => {
  it('meets the example of GB/T 32918.5 in each form', () => {
    const forms: Record<Sm2CiphertextForm, string> = {
      c1c3c2: `04${x}${y}${c3}${c2}`,
      c1c2c3: `04${x}${y}${c2}${c3}`,
      asn1: `307c0220${x}022100${y}0420${c3}0413${c2}`,
    };
    for (const form of FORMS) {
      expect(toHex(sm2EncryptWithNonce(message, publicKey, nonce, form)!)).toBe(forms[form]);
      expect(sm2Decrypt(fromHex(forms[form]), privateKey, form)).toEqual(message);
    }
  });

  it('decrypts what it encrypted, for its key and in its form only', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        bytes,
        fc.constantFrom(...FORMS),
        (text, random, form) => {
          const ciphertext = sm2Encrypt(text, publicKey, random, form);
          expect(sm2Decrypt(ciphertext, privateKey, form)).toEqual(text);
          expect(sm2Decrypt(ciphertext, randomness, form)).toBeUndefined();
          for (const other of FORMS) {
            if (other !== form) expect(sm2Decrypt(ciphertext, privateKey, other)).toBeUndefined();
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('makes another ciphertext for other randomness, another message and another key', () => {
    const other = sm2PublicKey(randomness);
    const c1 = (text: Uint8Array, key: Uint8Array, random: Uint8Array) =>
      toHex(sm2Encrypt(text, key, random).subarray(0, 65));
    const seen = [
      c1(message, publicKey, randomness),
      c1(message, publicKey, new Uint8Array(32)),
      c1(message.subarray(1), publicKey, randomness),
      c1(message, other, randomness),
    ];
    expect(new Set(seen).size).toBe(4);
    expect(c1(message, publicKey, randomness)).toBe(seen[0]);
  });

  it('refuses every changed, cut and lengthened ciphertext', () => {
    for (const form of ['c1c3c2', 'asn1'] as const) {
      const ciphertext = sm2Encrypt(message, publicKey, randomness, form);
      const random = new SeededRandom(9);
      for (let i = 0; i < ciphertext.length; i++) {
        const changed = ciphertext.slice();
        changed[i]! ^= 1 << random.below(8);
        expect(sm2Decrypt(changed, privateKey, form)).toBeUndefined();
        expect(sm2Decrypt(ciphertext.subarray(0, i), privateKey, form)).toBeUndefined();
      }
      expect(sm2Decrypt(Uint8Array.of(...ciphertext, 0), privateKey, form)).toBeUndefined();
    }
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...FORMS), (bytes, form) => {
        expect(sm2Decrypt(bytes, privateKey, form)).toBeUndefined();
      }),
    );
  });

  it('takes integers and lengths in their shortest form only', () => {
    const tail = `0420${c3}0413${c2}`;
    const refused = [
      // a zero byte too many, one too few (a negative number), 33 bytes, a length in the long form, an item too many
      `307d022100${x}022100${y}${tail}`,
      `307b0220${x}0220${y}${tail}`,
      `307e02220100${x}022100${y}${tail}`,
      `30817c0220${x}022100${y}${tail}`,
      `307e0220${x}022100${y}${tail}0500`,
      // a hash of 31 bytes, the hash as another type, no message
      `307b0220${x}022100${y}041f${c3.slice(2)}0413${c2}`,
      `307c0220${x}022100${y}0320${c3}0413${c2}`,
      `30690220${x}022100${y}0420${c3}0400`,
    ];
    for (const der of refused) expect(sm2Decrypt(fromHex(der), privateKey, 'asn1')).toBeUndefined();
  });

  it('wants another nonce when the mask is all zeros, and refuses such a ciphertext', () => {
    // The first nonce whose mask of one byte is zero; one in 256 is.
    const zero = 470n;
    const shared = encodeSm2Point(decodeSm2Point(publicKey)!.multiply(zero));
    expect(sm3Kdf(shared, 1)[0]).toBe(0);
    const text = Uint8Array.of(65);
    expect(sm2EncryptWithNonce(text, publicKey, zero, 'c1c3c2')).toBeUndefined();
    const hash = sm3(concatBytes(shared.subarray(0, 32), text, shared.subarray(32)));
    const c1 = encodeSm2Point(Sm2Curve.BASE.multiply(zero));
    expect(sm2Decrypt(concatBytes(Uint8Array.of(4), c1, hash, text), privateKey)).toBeUndefined();
  });

  it('refuses points that are not on the curve, in other encodings, or at infinity', () => {
    const p = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
    const rest = fromHex(c3 + c2);
    const point = fromHex(x + y);
    const shifted = concatBytes(point.subarray(0, 32), fromBigInt(toBigInt(point.subarray(32)) ^ 1n, 32));
    const points = [new Uint8Array(64), new Uint8Array(64).fill(0xff), shifted, fromBigInt(p, 64)];
    for (const one of points) {
      expect(sm2Decrypt(concatBytes(Uint8Array.of(4), one, rest), privateKey)).toBeUndefined();
    }
    for (const tag of [0, 2, 3, 5, 6, 7]) {
      expect(sm2Decrypt(concatBytes(Uint8Array.of(tag), point, rest), privateKey)).toBeUndefined();
    }
    expect(() => sm2Encrypt(message, shifted, randomness)).toThrow(InvariantError);
  });

  it('has messages from one byte to a limit', () => {
    expect(() => sm2Encrypt(new Uint8Array(0), publicKey, randomness)).toThrow(InvariantError);
    expect(() => sm2Encrypt(new Uint8Array(SM2_MESSAGE_BYTES_MAX + 1), publicKey, randomness)).toThrow(InvariantError);
    expect(() => sm2Encrypt(message, publicKey, randomness.subarray(1))).toThrow(InvariantError);
    expect(sm2Decrypt(new Uint8Array(SM2_MESSAGE_BYTES_MAX + 300).fill(4), privateKey)).toBeUndefined();
  });
});
