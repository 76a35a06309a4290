import { equalBytes } from '@menglian/base/bytes';
import type { ConsensusCrypto } from '@menglian/consensus-core/ports';
import type { NodeId } from '@menglian/types/address';

const SIGNATURE_BYTES = 65;

/** Scratch of `fakeHash`: nothing can interrupt a synchronous function. */
const lanes = new Uint32Array(8);

/**
 * 32 bytes from any bytes: eight lanes of multiply and rotate over words. Not cryptographic. Nobody in a simulation looks
 * for collisions, and it is fast enough to make thousands of seeds cheap.
 */
export function fakeHash(data: Uint8Array): Uint8Array {
  const { length } = data;
  for (let lane = 0; lane < 8; lane++) lanes[lane] = (0x9e3779b9 * (lane + 1) + length) >>> 0;
  let lane = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const word = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    lane = mix(lane, word);
  }
  for (; i < length; i++) lane = mix(lane, data[i]!);
  for (let round = 0; round < 24; round++) {
    const at = round & 7;
    const mixed = Math.imul(lanes[at]! ^ (lanes[(at + 3) & 7]! >>> 15), 0x85ebca6b) + lanes[(at + 5) & 7]!;
    lanes[at] = mixed ^ (mixed >>> 13);
  }
  const digest = new Uint8Array(32);
  for (let at = 0; at < 8; at++) {
    const value = lanes[at]!;
    digest[4 * at] = value >>> 24;
    digest[4 * at + 1] = value >>> 16;
    digest[4 * at + 2] = value >>> 8;
    digest[4 * at + 3] = value;
  }
  return digest;
}

function mix(lane: number, word: number): number {
  const next = (lane + 1) & 7;
  const mixed = Math.imul(lanes[lane]! ^ word, 0x01000193) + lanes[next]!;
  lanes[lane] = (mixed << 7) | (mixed >>> 25);
  return next;
}

/** A number that stands for a hash where it is looked up: 52 bits of it are plenty for one run. */
export function keyOf(hash: Uint8Array): number {
  return (
    ((hash[0]! << 24) | (hash[1]! << 16) | (hash[2]! << 8) | hash[3]!) * 0x10_0000 +
    ((hash[4]! << 12) | (hash[5]! << 4) | (hash[6]! >> 4))
  );
}

/** The keys of a cluster, numbered so that node ids ascend with the index. */
export interface ClusterKeys {
  /** The hash function of the suite. */
  readonly hash: (data: Uint8Array) => Uint8Array;
  nodeId(index: number): NodeId;
  cryptoOf(nodeId: NodeId): ConsensusCrypto;
  verify(signer: NodeId, digest: Uint8Array, signature: Uint8Array): boolean;
}

/**
 * Fake keys: a signature is a hash of the signer's secret number and the digest. Whoever holds only
 * `cryptoOf` its own nodes cannot sign for others, which is all that a simulation needs of cryptography.
 */
export class FakeKeys implements ClusterKeys {
  readonly hash = fakeHash;
  readonly #secrets = new Map<NodeId, number>();

  nodeId(index: number): NodeId {
    const nodeId = index.toString(16).padStart(4, '0').padEnd(128, '7');
    this.#secrets.set(nodeId, index + 1);
    return nodeId;
  }

  cryptoOf(nodeId: NodeId): ConsensusCrypto {
    return {
      hash: fakeHash,
      sign: (digest) => this.#sign(nodeId, digest),
      verify: (signer, digest, signature) => this.verify(signer, digest, signature),
    };
  }

  verify(signer: NodeId, digest: Uint8Array, signature: Uint8Array): boolean {
    return this.#secrets.has(signer) && equalBytes(signature, this.#sign(signer, digest));
  }

  #sign(nodeId: NodeId, digest: Uint8Array): Uint8Array {
    const signature = new Uint8Array(SIGNATURE_BYTES);
    const secret = this.#secrets.get(nodeId)!;
    signature[0] = secret >>> 8;
    signature[1] = secret;
    signature.set(digest, 2);
    signature.set(fakeHash(signature.subarray(0, 2 + digest.length)));
    return signature;
  }
}
