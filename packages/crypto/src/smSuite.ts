import { EMPTY_BYTES, equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { recoverEach } from './recoverEach.js';
import { checkRanges } from './hashEach.js';
import { DIGEST_BYTES, PAIR_BYTES, SIGNATURE_BYTES, type SmArithmetic } from './sm/arithmetic.js';
import { isSm2PrivateKey } from './sm2.js';
import type { CryptoSuite } from './suite.js';

const ENTROPY_BYTES = 32;

/**
 * The suite `sm`: SM2 and SM3. The digest is SM2's message, so it is hashed once more, together with the signer's
 * identity. A signature carries its public key and holds for that key alone. Private keys end at n − 2 (sm2.ts).
 * @param entropy 32 random bytes for every signature's nonce; without it, the same digest and key give the same signature
 */
export function createSmSuite(arithmetic: SmArithmetic, entropy: () => Uint8Array = () => EMPTY_BYTES): CryptoSuite {
  function recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
    if (digest.length !== DIGEST_BYTES || signature.length !== SIGNATURE_BYTES) return undefined;
    // A copy even of a Buffer, whose own slice would be a view.
    return arithmetic.verify(digest, signature) ? new Uint8Array(signature.subarray(PAIR_BYTES)) : undefined;
  }

  return {
    name: 'sm',
    provider: arithmetic.provider,
    signatureLength: SIGNATURE_BYTES,
    emptyHash: arithmetic.hash(new Uint8Array(0)),
    hash: arithmetic.hash,
    hashMany(hashes, bytes, ranges) {
      checkRanges(hashes, bytes, ranges);
      arithmetic.hashMany(hashes, bytes, ranges);
    },
    isPrivateKey: isSm2PrivateKey,
    publicKey(privateKey) {
      invariant(isSm2PrivateKey(privateKey), 'crypto/private-key');
      return arithmetic.publicKey(privateKey);
    },
    sign(digest, privateKey) {
      invariant(digest.length === DIGEST_BYTES, 'crypto/digest-length');
      invariant(isSm2PrivateKey(privateKey), 'crypto/private-key');
      const random = entropy();
      invariant(random.length === 0 || random.length === ENTROPY_BYTES, 'crypto/entropy-length');
      return arithmetic.sign(digest, privateKey, random);
    },
    verify(digest, signature, publicKey) {
      // The cheap comparison first: a signature of someone else's costs no arithmetic.
      if (signature.length !== SIGNATURE_BYTES || !equalBytes(signature.subarray(PAIR_BYTES), publicKey)) return false;
      return digest.length === DIGEST_BYTES && arithmetic.verify(digest, signature);
    },
    recover,
    recoverMany(checks, parities) {
      invariant(parities === undefined || parities.length === checks.length, 'crypto/parities-length');
      return arithmetic.recoverMany?.(checks, parities) ?? recoverEach(recover, checks, parities);
    },
  };
}
