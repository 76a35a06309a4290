import { toHex } from '@menglian/base/bytes';
import { LruMap } from '@menglian/base/lruMap';
import type { NodeId } from '@menglian/types/address';
import { MAX_CACHED_VERDICTS } from './limits.js';
import type { ConsensusCrypto } from './ports.js';

/**
 * Verdicts about signatures, remembered: a vote is met again in certificates, view changes and repeats, and the check
 * is by far the dearest part of a message. Only whole triples are remembered, so nothing can be passed off as another.
 */
export class VerifiedSignatures {
  readonly #verdicts = new LruMap<string, boolean>(MAX_CACHED_VERDICTS);
  readonly #crypto: ConsensusCrypto;

  constructor(crypto: ConsensusCrypto) {
    this.#crypto = crypto;
  }

  verify(nodeId: NodeId, digest: Uint8Array, signature: Uint8Array): boolean {
    const key = `${nodeId}.${toHex(digest)}.${toHex(signature)}`;
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = this.#crypto.verify(nodeId, digest, signature);
    this.#verdicts.set(key, verdict);
    return verdict;
  }
}
