import { equalBytes } from '@menglian/base/bytes';
import { UNKNOWN_PARITY, type SignatureCheck } from './suite.js';

/** `recoverMany` for those who check one by one: the guesses save nothing but are given back where they are right. */
export function recoverEach(
  recover: (digest: Uint8Array, signature: Uint8Array) => Uint8Array | undefined,
  checks: readonly SignatureCheck[],
  parities?: Uint8Array,
): (Uint8Array | undefined)[] {
  parities?.fill(UNKNOWN_PARITY);
  return checks.map(({ digest, signature, likelyKey }) => {
    const signer = recover(digest, signature);
    return signer !== undefined && likelyKey !== undefined && equalBytes(signer, likelyKey) ? likelyKey : signer;
  });
}
