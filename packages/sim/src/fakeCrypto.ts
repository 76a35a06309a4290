import { equalBytes } from '@menglian/base/bytes';
import type { ConsensusCrypto } from '@menglian/consensus-core/ports';
import type { NodeId } from '@menglian/types/address';

const SIGNATURE_BYTES = 65;

/**
 * 32 bytes from any bytes: eight lanes of multiply and rotate. Not cryptographic. Nobody in a simulation looks for
 * collisions, and it is fast enough to make thousands of seeds cheap.
 */
export function fakeHash(data: Uint8Array): Uint8Array {
  const lanes = new Uint32Array(8);
  for (let lane = 0; lane < 8; lane++) lanes[lane] = (0x9e3779b9 * (lane + 1) + data.length) >>> 0;
  for (let i = 0; i < data.length; i++) {
    const lane = i & 7;
    const mixed = Math.imul(lanes[lane]! ^ data[i]!, 0x01000193) + lanes[(lane + 1) & 7]!;
    lanes[lane] = (mixed << 7) | (mixed >>> 25);
  }
  for (let round = 0; round < 24; round++) {
    const lane = round & 7;
    const mixed = Math.imul(lanes[lane]! ^ (lanes[(lane + 3) & 7]! >>> 15), 0x85ebca6b) + lanes[(lane + 5) & 7]!;
    lanes[lane] = mixed ^ (mixed >>> 13);
  }
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  for (let lane = 0; lane < 8; lane++) view.setUint32(4 * lane, lanes[lane]!);
  return digest;
}

/** The keys of a cluster, numbered so that node ids ascend with the index. */
export interface ClusterKeys {
  hash(data: Uint8Array): Uint8Array;
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
    const preimage = new Uint8Array(36);
    new DataView(preimage.buffer).setUint32(0, this.#secrets.get(nodeId)!);
    preimage.set(digest, 4);
    const signature = new Uint8Array(SIGNATURE_BYTES);
    signature.set(fakeHash(preimage));
    return signature;
  }
}
