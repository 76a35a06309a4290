import { concatBytes, toHex } from '@menglian/base/bytes';
import { encodeRlpInteger } from '@menglian/codec/rlp';
import { loadSuite } from '@menglian/crypto/loadSuite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merkleProof, type MerkleProofLevel, merkleRoot, verifyMerkleProof } from './merkle.js';

const suite = await loadSuite('ecdsa');
const leavesOf = (count: number) => Array.from({ length: count }, (_, i) => suite.hash(new Uint8Array([i & 255])));

describe('merkleRoot', () => {
  // docs/formats.md, T5.
  it.each([
    [0, 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
    [1, '1fb3e99fbf8a93c47cdd24473b13d681db609b6d916fd8046c2ae68e41146349'],
    [2, '3f1430a8b15dec004740f5224bd619b185efeae5ffca7cac9157e2bed11a8b7a'],
    [16, '3ae966c600821f6a09bd3549eb7076916ed5f4824e6e2043e93e16e0ffded037'],
    [17, '1bab73b8b4625489cb5eae2836f5ff580be46ce9e871c4a446f8cda2104148f2'],
    [130, '193f2a150598349359455a6c59239ef17b9ff7e345dcfce51b7cd56eddd40b8a'],
  ])('T5: of %i leaves', (count, root) => {
    expect(toHex(merkleRoot(suite, leavesOf(count)))).toBe(root);
  });

  it('has the form that its rule says', () => {
    const [a, b] = leavesOf(2) as [Uint8Array, Uint8Array];
    const node = suite.hash(concatBytes(encodeRlpInteger(0), a, encodeRlpInteger(1), b));
    expect(merkleRoot(suite, [a, b])).toEqual(suite.hash(node));
    expect(merkleRoot(suite, [a])).toEqual(suite.hash(concatBytes(encodeRlpInteger(0), a)));
  });
});

describe('merkleProof', () => {
  it.each([1, 2, 15, 16, 17, 32, 33, 255, 256, 257, 300])(
    'of every leaf of %i verifies, and for that leaf only',
    (count) => {
      const leaves = leavesOf(count).map((leaf, index) => suite.hash(concatBytes(leaf, encodeRlpInteger(index))));
      const root = merkleRoot(suite, leaves);
      for (const [index, leaf] of leaves.entries()) {
        const proof = merkleProof(suite, leaves, index);
        expect(verifyMerkleProof(suite, index, leaf, proof, root)).toBe(true);
        expect(verifyMerkleProof(suite, index + 1, leaf, proof, root)).toBe(false);
        expect(verifyMerkleProof(suite, index, leaves[index + 1] ?? root, proof, root)).toBe(false);
      }
    },
  );

  it('has levels as the reference shows', () => {
    const leaves = leavesOf(40);
    const shape = (proof: MerkleProofLevel[]) => proof.map(({ left, right }) => [left.length, right.length]);
    expect(shape(merkleProof(suite, leaves, 16))).toEqual([
      [0, 15],
      [1, 1],
      [0, 0],
    ]);
    expect(shape(merkleProof(suite, leaves, 39))).toEqual([
      [7, 0],
      [2, 0],
      [0, 0],
    ]);
    expect(() => merkleProof(suite, leaves, 40)).toThrow();
  });
});

describe('verifyMerkleProof', () => {
  const leaves = leavesOf(40);
  const root = merkleRoot(suite, leaves);

  it('does not take an inner node for a leaf', () => {
    // Bytes of the second group of sixteen leaves, hashed, are an inner node; offered as if it were a transaction.
    const inner = merkleProof(suite, leaves, 0)[1]!.right[0]!;
    const [, ...upper] = merkleProof(suite, leaves, 16);
    expect(verifyMerkleProof(suite, 1, inner, upper, root)).toBe(false);
    expect(verifyMerkleProof(suite, 16, inner, upper, root)).toBe(false);
  });

  it.each<[string, number, MerkleProofLevel[]]>([
    ['no levels', 0, []],
    ['too many levels', 0, Array.from({ length: 17 }, () => ({ left: [], right: [] }))],
    ['the last level missing', 0, merkleProof(suite, leaves, 0).slice(0, -1)],
    ['a level without siblings more', 0, [...merkleProof(suite, leaves, 0), { left: [], right: [] }]],
    ['an index beyond the tree', 0x1000, merkleProof(suite, leaves, 0)],
    ['a negative index', -1, merkleProof(suite, leaves, 0)],
    ['a broken index', 0.5, merkleProof(suite, leaves, 0)],
  ])('answers no to %s', (_name, index, proof) => {
    expect(verifyMerkleProof(suite, index, leaves[0]!, proof, root)).toBe(false);
  });

  it('answers no to any changed proof, and never throws', () => {
    const siblings = fc.array(fc.uint8Array({ maxLength: 36 }), { maxLength: 20 });
    const levels = fc.array(fc.record({ left: siblings, right: siblings }), { maxLength: 4 });
    fc.assert(
      fc.property(levels, fc.nat(50), (proof, index) => {
        expect(verifyMerkleProof(suite, index, leaves[index % 40]!, proof, root)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.nat(39), fc.nat(), fc.integer({ min: 1, max: 255 }), (index, place, change) => {
        const proof = merkleProof(suite, leaves, index).map(({ left, right }) => ({
          left: left.map((node) => node.slice()),
          right: right.map((node) => node.slice()),
        }));
        const nodes = proof.flatMap(({ left, right }) => [...left, ...right]);
        const node = nodes[place % nodes.length]!;
        node[place % node.length]! ^= change;
        expect(verifyMerkleProof(suite, index, leaves[index]!, proof, root)).toBe(false);
      }),
    );
  });
});
