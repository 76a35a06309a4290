import { createCipheriv } from 'node:crypto';
import { fromHex, toHex } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSm4Gcm, javascriptCounterMode, nodeCounterMode } from './sm4Gcm.js';

// RFC 8998, A.1
const vector = {
  key: fromHex('0123456789abcdeffedcba9876543210'),
  nonce: fromHex('00001234567800000000abcd'),
  additionalData: fromHex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
  plaintext: fromHex(
    'aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffff' +
      'eeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa',
  ),
  sealed:
    '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15' +
    'a56834cbcf98c397b4024a2691233b8d' +
    '83de3541e4c2b58177e065a9bf7b62ec',
};

const modes = [
  ['OpenSSL', (key: Uint8Array) => nodeCounterMode(key)!],
  ['JavaScript', javascriptCounterMode],
] as const;

describe.each(modes)('sm4 in GCM with the counter mode of %s', (_, mode) => {
  const gcm = createSm4Gcm(vector.key, mode(vector.key));

  it('meets the example of RFC 8998', () => {
    const sealed = gcm.seal(vector.nonce, vector.plaintext, vector.additionalData);
    expect(toHex(sealed)).toBe(vector.sealed);
    expect(gcm.open(vector.nonce, sealed, vector.additionalData)).toEqual(vector.plaintext);
  });

  it('refuses anything changed, cut or lengthened', () => {
    const sealed = gcm.seal(vector.nonce, vector.plaintext, vector.additionalData);
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice();
      changed[i]! ^= 1 << (i % 8);
      expect(gcm.open(vector.nonce, changed, vector.additionalData)).toBeUndefined();
      expect(gcm.open(vector.nonce, sealed.subarray(0, i), vector.additionalData)).toBeUndefined();
    }
    expect(gcm.open(vector.nonce, Uint8Array.of(...sealed, 0), vector.additionalData)).toBeUndefined();
    expect(gcm.open(vector.nonce, sealed, vector.additionalData.subarray(1))).toBeUndefined();
    expect(gcm.open(vector.nonce.toReversed(), sealed, vector.additionalData)).toBeUndefined();
    expect(() => gcm.seal(new Uint8Array(16), sealed, vector.plaintext)).toThrow(InvariantError);
  });

  it('gives the same bytes at every length', () => {
    for (const length of [0, 1, 15, 16, 17, 2015, 2016, 2047, 2048, 2049, 16_384]) {
      const plaintext = new Uint8Array(length).map((_, i) => i);
      const sealed = gcm.seal(vector.nonce, plaintext, vector.nonce);
      expect(createSm4Gcm(vector.key).seal(vector.nonce, plaintext, vector.nonce)).toEqual(sealed);
      expect(createSm4Gcm(vector.key).open(vector.nonce, sealed, vector.nonce)).toEqual(plaintext);
    }
  });

  it('opens what it sealed, and leaves its input alone', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const text = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(bytes(16), bytes(12), text, text, (key, nonce, plaintext, additionalData) => {
        const ours = createSm4Gcm(key, mode(key));
        const copies = [nonce.slice(), plaintext.slice(), additionalData.slice()];
        const sealed = ours.seal(nonce, plaintext, additionalData);
        expect(createSm4Gcm(key).seal(nonce, plaintext, additionalData)).toEqual(sealed);
        expect(ours.open(nonce, sealed, additionalData)).toEqual(plaintext);
        expect([nonce, plaintext, additionalData]).toEqual(copies);
      }),
      { numRuns: 50 },
    );
  });
});

describe('gcm', () => {
  it('agrees with OpenSSL when the cipher is AES, which OpenSSL has in this mode', () => {
    const random = new SeededRandom(51);
    for (let length = 0; length < 200; length++) {
      const [key, nonce] = [random.bytes(16), random.bytes(12)];
      const [plaintext, additionalData] = [random.bytes(length), random.bytes(random.below(100))];
      const gcm = createSm4Gcm(key, (counter, data) => {
        return new Uint8Array(createCipheriv('aes-128-ctr', key, counter).update(data));
      });
      const theirs = createCipheriv('aes-128-gcm', key, nonce).setAAD(additionalData);
      const ciphertext = Buffer.concat([theirs.update(plaintext), theirs.final(), theirs.getAuthTag()]);
      expect(toHex(gcm.seal(nonce, plaintext, additionalData))).toBe(ciphertext.toString('hex'));
    }
  });
});
