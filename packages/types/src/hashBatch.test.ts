import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { encodeRlpList } from '@menglian/codec/rlp';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { hashAll, HashBatch } from './hashBatch.js';

const suite = await loadSuite('ecdsa');
const random = new SeededRandom(5);

describe('texts hashed together', () => {
  it('have the hashes that each has alone, and its place says whose is whose', () => {
    const batch = new HashBatch();
    for (let round = 0; round < 3; round++) {
      const texts = Array.from({ length: 300 }, () => random.bytes(random.below(400)));
      const expected: string[] = [];
      const places = texts.map((text, index) => {
        expected.push(toHex(suite.hash(index % 2 === 0 ? text : encodeRlpList(text))));
        return index % 2 === 0 ? batch.add(text) : batch.addList(text);
      });
      expect(places).toEqual(texts.map((_, index) => index));
      const hashes = batch.take(suite);
      expect(places.map((place) => toHex(hashes.subarray(32 * place, 32 * place + 32)))).toEqual(expected);
      expect(batch.bytes).toBe(0);
      expect(batch.take(suite)).toHaveLength(0);
    }
  });

  it('may be more and larger than what is kept for them', () => {
    const batch = new HashBatch();
    const large = random.bytes(1_000_000);
    batch.add(large);
    for (let index = 0; index < 3000; index++) batch.add(Uint8Array.of(index & 0xff));
    batch.addList(large);
    const hashes = batch.take(suite);
    expect(toHex(hashes.subarray(0, 32))).toBe(toHex(suite.hash(large)));
    expect(toHex(hashes.subarray(32 * 3000, 32 * 3001))).toBe(toHex(suite.hash(Uint8Array.of(2999 & 0xff))));
    expect(toHex(hashes.subarray(32 * 3001))).toBe(toHex(suite.hash(encodeRlpList(large))));
    expect(batch.take(suite)).toHaveLength(0);
  });

  it('all at once, however many bytes they have', () => {
    const texts = Array.from({ length: 40 }, () => random.bytes(20_000));
    expect(hashAll(suite, texts).map(toHex)).toEqual(texts.map((text) => toHex(suite.hash(text))));
    expect(hashAll(suite, [])).toEqual([]);
  });
});
