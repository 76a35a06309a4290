import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pooledBytes, pooledCopy, SLAB_BYTES } from './pooledBytes.js';

test('pieces are zeros, of the length asked for, and never overlap', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 6000 }), { maxLength: 60 }), (lengths) => {
      const pieces = lengths.map((length, index) => {
        const piece = pooledBytes(length);
        expect(piece.length).toBe(length);
        expect(piece.every((byte) => byte === 0)).toBe(true);
        return piece.fill(1 + (index % 255));
      });
      for (const [index, piece] of pieces.entries()) {
        expect(piece.every((byte) => byte === 1 + (index % 255))).toBe(true);
      }
    }),
  );
});

test('a piece keeps no more than a slab in memory, a large one only itself', () => {
  expect(pooledBytes(100).buffer.byteLength).toBe(SLAB_BYTES);
  expect(pooledBytes(5000).buffer.byteLength).toBe(5000);
});

test('a copy does not follow what it was made of', () => {
  const original = new Uint8Array([1, 2, 3]);
  const copy = pooledCopy(original);
  original.fill(9);
  expect([...copy]).toEqual([1, 2, 3]);
});
