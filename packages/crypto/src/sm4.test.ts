import { createCipheriv, createDecipheriv } from 'node:crypto';
import { fromHex, toHex } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { expandSm4Key, sm4Ctr, sm4DecryptCbc, sm4DecryptEcb, sm4EncryptCbc, sm4EncryptEcb } from './sm4.js';

const STANDARD_KEY = fromHex('0123456789abcdeffedcba9876543210');

describe('sm4', () => {
  it('meets example 1 of GB/T 32907, both ways', () => {
    const key = expandSm4Key(STANDARD_KEY);
    const ciphertext = sm4EncryptEcb(key, STANDARD_KEY);
    expect(toHex(ciphertext)).toBe('681edf34d206965e86b3e94f536e4246');
    expect(sm4DecryptEcb(key, ciphertext)).toEqual(STANDARD_KEY);
  });

  it('meets example 2 of GB/T 32907: a million encryptions in a row', () => {
    const key = expandSm4Key(STANDARD_KEY);
    let block = STANDARD_KEY;
    for (let i = 0; i < 1_000_000; i++) block = sm4EncryptEcb(key, block);
    expect(toHex(block)).toBe('595298c7c6fd271f0402f804c33d3f66');
  });

  it('agrees with node:crypto in all three modes at every length', () => {
    const random = new SeededRandom(3);
    for (let length = 0; length <= 80; length++) {
      const keyBytes = random.bytes(16);
      const iv = random.bytes(16);
      const data = random.bytes(length);
      const key = expandSm4Key(keyBytes);
      const cbc = sm4EncryptCbc(key, iv, data);
      const theirCbc = createCipheriv('sm4-cbc', keyBytes, iv);
      expect(toHex(cbc)).toBe(Buffer.concat([theirCbc.update(data), theirCbc.final()]).toString('hex'));
      expect(sm4DecryptCbc(key, iv, cbc)).toEqual(data);
      const theirDecryption = createDecipheriv('sm4-cbc', keyBytes, iv);
      expect(toHex(data)).toBe(Buffer.concat([theirDecryption.update(cbc), theirDecryption.final()]).toString('hex'));
      const ctr = sm4Ctr(key, iv, data);
      const theirCtr = createCipheriv('sm4-ctr', keyBytes, iv);
      expect(toHex(ctr)).toBe(Buffer.concat([theirCtr.update(data), theirCtr.final()]).toString('hex'));
      expect(sm4Ctr(key, iv, ctr)).toEqual(data);
    }
  });

  it('carries the counter over all its bytes', () => {
    const key = expandSm4Key(STANDARD_KEY);
    const counter = fromHex('ff'.repeat(16));
    const stream = sm4Ctr(key, counter, new Uint8Array(48));
    expect(stream.subarray(0, 16)).toEqual(sm4EncryptEcb(key, counter));
    expect(stream.subarray(16, 32)).toEqual(sm4EncryptEcb(key, new Uint8Array(16)));
    expect(toHex(counter)).toBe('ff'.repeat(16));
  });

  it('does not change its input', () => {
    const key = expandSm4Key(STANDARD_KEY);
    const data = new Uint8Array(32).fill(7);
    const ciphertext = sm4EncryptCbc(key, STANDARD_KEY, data);
    const copy = ciphertext.slice();
    sm4DecryptCbc(key, STANDARD_KEY, ciphertext);
    sm4Ctr(key, STANDARD_KEY, data);
    const buffer = Buffer.from(data);
    const counter = Buffer.from(STANDARD_KEY);
    sm4Ctr(key, counter, buffer);
    expect([buffer, counter]).toEqual([Buffer.from(data), Buffer.from(STANDARD_KEY)]);
    expect(ciphertext).toEqual(copy);
    expect(data).toEqual(new Uint8Array(32).fill(7));
  });

  it('refuses lengths and padding that cannot be', () => {
    const key = expandSm4Key(STANDARD_KEY);
    expect(sm4DecryptEcb(key, new Uint8Array(17))).toBeUndefined();
    expect(sm4DecryptCbc(key, STANDARD_KEY, new Uint8Array(0))).toBeUndefined();
    expect(sm4DecryptCbc(key, STANDARD_KEY, new Uint8Array(15))).toBeUndefined();
    // Blocks whose decryption ends in a byte that is no padding length, or in a padding that is not uniform.
    for (const end of ['00', '11', 'ff', '0302']) {
      const plain = new Uint8Array(16);
      plain.set(fromHex(end), 16 - end.length / 2);
      const ciphertext = sm4EncryptEcb(
        key,
        plain.map((byte, i) => byte ^ STANDARD_KEY[i]!),
      );
      expect(sm4DecryptCbc(key, STANDARD_KEY, ciphertext)).toBeUndefined();
    }
    expect(() => expandSm4Key(new Uint8Array(15))).toThrow(InvariantError);
    expect(() => sm4Ctr(key, new Uint8Array(12), new Uint8Array(1))).toThrow(InvariantError);
  });
});
