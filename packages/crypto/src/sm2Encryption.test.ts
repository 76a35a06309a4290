import { fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { describe, expect, it } from 'vitest';
import { sm2PublicKey } from './sm2.js';
import { sm2Decrypt, sm2Encrypt } from './sm2Encryption.js';

const privateKey = fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
const publicKey = sm2PublicKey(privateKey);
const randomness = new Uint8Array(32).fill(7);

describe('sm2 encryption', () => {
  it('decrypts what it encrypted, in each form', () => {
    for (const form of ['c1c3c2', 'c1c2c3', 'asn1'] as const) {
      const ciphertext = sm2Encrypt(utf8Bytes('encryption standard'), publicKey, randomness, form);
      expect(toHex(sm2Decrypt(ciphertext, privateKey, form)!)).toBe(toHex(utf8Bytes('encryption standard')));
    }
  });
});
