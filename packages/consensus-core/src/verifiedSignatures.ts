import { equalBytes, toByteString } from '@menglian/base/bytes';
import { LruMap } from '@menglian/base/lruMap';
import type { NodeId } from '@menglian/types/address';
import { MAX_CACHED_VERDICTS } from './limits.js';
import type { ConsensusCrypto } from './ports.js';

/** What one signature was found to be, and for whom. */
interface Verdict {
  readonly nodeId: NodeId;
  readonly digest: Uint8Array;
  readonly isGood: boolean;
}

/**
 * Verdicts about signatures, remembered: a vote is met again in certificates, view changes and repeats, and the check
 * is by far the dearest part of a message. Only whole triples are remembered, so nothing can be passed off as another.
 */
export class VerifiedSignatures {
  /** By the signature, which alone tells nearly all of them apart: a long key costs more than the rest of the look. */
  readonly #verdicts = new LruMap<string, Verdict>(MAX_CACHED_VERDICTS);
  readonly #crypto: ConsensusCrypto;

  constructor(crypto: ConsensusCrypto) {
    this.#crypto = crypto;
  }

  verify(nodeId: NodeId, digest: Uint8Array, signature: Uint8Array): boolean {
    const key = toByteString(signature);
    const known = this.#verdicts.get(key);
    if (known !== undefined && known.nodeId === nodeId && equalBytes(known.digest, digest)) return known.isGood;
    const isGood = this.#crypto.verify(nodeId, digest, signature);
    // A copy: the digest may be part of a message, which must not stay in memory for it.
    this.#verdicts.set(key, { nodeId, digest: digest.slice(), isGood });
    return isGood;
  }
}
