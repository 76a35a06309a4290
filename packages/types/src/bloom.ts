/** Bloom filter of logs: three bits of 2048 for each address and topic (Ethereum Yellow Paper 4.3.1). */
import type { CryptoSuite } from '@menglian/crypto/suite';
import { addressBytes } from './address.js';
import type { Log } from './receipt.js';

export const BLOOM_BYTES = 256;

/** @returns 256 bytes, a fresh array; zero when there are no logs */
export function bloomOf(suite: CryptoSuite, logs: readonly Log[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const log of logs) {
    addTo(bloom, suite.hash(addressBytes(log.address)));
    for (const topic of log.topics) addTo(bloom, suite.hash(topic));
  }
  return bloom;
}

function addTo(bloom: Uint8Array, hash: Uint8Array): void {
  for (let pair = 0; pair < 6; pair += 2) {
    const bit = (hash[pair]! * 256 + hash[pair + 1]!) % (8 * BLOOM_BYTES);
    bloom[BLOOM_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  }
}
