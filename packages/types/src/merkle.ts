/**
 * The tree behind transactionsRoot and receiptsRoot: 16 children a node, leaves carry their index, and the root is one
 * hash above the last node. Facts: docs/formats.md, "transactionsRoot and receiptsRoot".
 */
import { concatBytes, equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { encodeRlpInteger } from '@menglian/codec/rlp';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { hashAll } from './hashBatch.js';
import { MAX_MERKLE_LEVELS } from './limits.js';

const WIDTH = 16;
const HASH_BYTES = 32;
/** Of an array's index as RLP, the byte before it included. */
const INDEX_BYTES = 5;

/** Siblings of the node on the path, in order. The last level of a proof has none: it is the hash above the last node. */
export interface MerkleProofLevel {
  readonly left: readonly Uint8Array[];
  readonly right: readonly Uint8Array[];
}

/** @param leafHashes of 32 bytes: hashes of the transactions or receipts of a block, in order */
export function merkleRoot(suite: CryptoSuite, leafHashes: readonly Uint8Array[]): Uint8Array {
  if (leafHashes.length === 0) return suite.emptyHash;
  if (leafHashes.length === 1) return suite.hash(leaf(0, leafHashes[0]!));
  let level: readonly Uint8Array[] = parentsOfLeaves(suite, leafHashes);
  while (level.length > 1) level = parents(suite, level);
  return suite.hash(level[0]!);
}

/** As `parents(suite, leaves(leafHashes))`, without an array for each leaf. */
function parentsOfLeaves(suite: CryptoSuite, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  const texts: Uint8Array[] = [];
  const text = new Uint8Array(WIDTH * (INDEX_BYTES + HASH_BYTES));
  for (let start = 0; start < leafHashes.length; start += WIDTH) {
    const end = Math.min(start + WIDTH, leafHashes.length);
    let at = 0;
    for (let index = start; index < end; index++) {
      const prefix = leafPrefix(index);
      text.set(prefix, at);
      text.set(leafHashes[index]!, at + prefix.length);
      at += prefix.length + HASH_BYTES;
    }
    texts.push(text.slice(0, at));
  }
  return hashAll(suite, texts);
}

/** Prefixes of the leaves that most blocks have, made when first needed; the same few bytes for every tree. */
const PREFIXES_MAX = 4096;
const prefixes: Uint8Array[] = [];

function leafPrefix(index: number): Uint8Array {
  if (index >= PREFIXES_MAX) return encodeRlpInteger(index);
  for (let next = prefixes.length; next <= index; next++) prefixes.push(encodeRlpInteger(next));
  return prefixes[index]!;
}

/** The siblings that lead from leaf `index` to the root: from the leaves upwards. */
export function merkleProof(suite: CryptoSuite, leafHashes: readonly Uint8Array[], index: number): MerkleProofLevel[] {
  invariant(Number.isInteger(index) && index >= 0 && index < leafHashes.length, 'types/merkle-index');
  const proof: MerkleProofLevel[] = [];
  let position = index;
  let level: readonly Uint8Array[] = leaves(leafHashes);
  while (level.length > 1) {
    const groupStart = position - (position % WIDTH);
    proof.push({ left: level.slice(groupStart, position), right: level.slice(position + 1, groupStart + WIDTH) });
    level = parents(suite, level);
    position = Math.floor(position / WIDTH);
  }
  proof.push({ left: [], right: [] });
  return proof;
}

/**
 * Whether `proof` leads from `hash` as leaf `index` to `root`. Beyond the hashes it checks the shape: as many left
 * siblings as the index demands, sibling leaves with their own index, inner nodes of 32 bytes. Without that an inner
 * node could be passed off as a leaf.
 */
export function verifyMerkleProof(
  suite: CryptoSuite,
  index: number,
  hash: Uint8Array,
  proof: readonly MerkleProofLevel[],
  root: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || hash.length !== HASH_BYTES) return false;
  if (proof.length === 0 || proof.length > MAX_MERKLE_LEVELS) return false;
  let node = leaf(index, hash);
  let position = index;
  for (const [height, { left, right }] of proof.entries()) {
    const isTop = height === proof.length - 1;
    const place = position % WIDTH;
    if (left.length !== place || left.length + right.length >= WIDTH) return false;
    if (isTop ? position !== 0 || right.length > 0 : left.length + right.length === 0 && position === 0) return false;
    if (height === 0 ? !areLeaves(left, index - place) : !left.every(isHash)) return false;
    if (height === 0 ? !areLeaves(right, index + 1) : !right.every(isHash)) return false;
    node = suite.hash(concatBytes(...left, node, ...right));
    position = Math.floor(position / WIDTH);
  }
  return equalBytes(node, root);
}

function leaves(leafHashes: readonly Uint8Array[]): Uint8Array[] {
  return leafHashes.map((hash, index) => leaf(index, hash));
}

function leaf(index: number, hash: Uint8Array): Uint8Array {
  return concatBytes(encodeRlpInteger(index), hash);
}

function parents(suite: CryptoSuite, level: readonly Uint8Array[]): Uint8Array[] {
  const texts: Uint8Array[] = [];
  for (let start = 0; start < level.length; start += WIDTH) {
    texts.push(concatBytes(...level.slice(start, start + WIDTH)));
  }
  return hashAll(suite, texts);
}

function isHash(node: Uint8Array): boolean {
  return node.length === HASH_BYTES;
}

function areLeaves(nodes: readonly Uint8Array[], firstIndex: number): boolean {
  return nodes.every((node, offset) => {
    const prefix = encodeRlpInteger(firstIndex + offset);
    return node.length === prefix.length + HASH_BYTES && equalBytes(node.subarray(0, prefix.length), prefix);
  });
}
