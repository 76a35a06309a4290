import { createHash } from 'node:crypto';
import { fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { initializeHashes, javascriptHashes, keccak256, ripemd160, sha256, sm3 } from './hashes.js';

// The first tests of this file run before `initializeHashes`, so both implementations meet every vector.
const vectors = () => {
  expect(toHex(keccak256(new Uint8Array(0)))).toBe('c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
  expect(toHex(sm3(new Uint8Array(0)))).toBe('1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b');
  // GB/T 32905-2016, A.1 and A.2
  expect(toHex(sm3(utf8Bytes('abc')))).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
  expect(toHex(sm3(utf8Bytes('abcd'.repeat(16))))).toBe(
    'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732',
  );
  expect(toHex(keccak256(utf8Bytes('transfer(address,uint256)')).subarray(0, 4))).toBe('a9059cbb');
  expect(toHex(sha256(utf8Bytes('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(toHex(ripemd160(utf8Bytes('abc')))).toBe('8eb208f7e05d987a9b044a8e98c6b087f15a0bfc');
};

describe('hashes', () => {
  it('meets the published vectors before initialization', vectors);

  it('agrees with node:crypto on every length up to three blocks, in JavaScript', () => {
    const random = new SeededRandom(1);
    for (let length = 0; length <= 200; length++) {
      const data = random.bytes(length);
      expect(toHex(javascriptHashes.sm3(data))).toBe(createHash('sm3').update(data).digest('hex'));
      expect(toHex(javascriptHashes.sha256(data))).toBe(createHash('sha256').update(data).digest('hex'));
    }
  });

  it('meets the same vectors afterwards, and agrees with JavaScript on any length', async () => {
    await initializeHashes();
    vectors();
    const random = new SeededRandom(2);
    for (const length of [1, 31, 32, 55, 56, 63, 64, 65, 135, 136, 137, 1000, 16_383, 16_384, 16_385, 100_000]) {
      const data = random.bytes(length);
      expect(keccak256(data)).toEqual(javascriptHashes.keccak256(data));
      expect(sm3(data)).toEqual(javascriptHashes.sm3(data));
      expect(sha256(data)).toEqual(javascriptHashes.sha256(data));
    }
  });

  it('hashes the bytes of a view and not those of the buffer beneath it', async () => {
    await initializeHashes();
    const buffer = fromHex('00112233445566778899');
    expect(keccak256(buffer.subarray(2, 5))).toEqual(keccak256(fromHex('223344')));
    expect(sm3(Buffer.from('223344', 'hex'))).toEqual(sm3(buffer.subarray(2, 5)));
  });

  it('answers with fresh arrays', async () => {
    await initializeHashes();
    const first = sm3(fromHex('01'));
    const copy = first.slice();
    sm3(fromHex('02'));
    expect(first).toEqual(copy);
  });
});
