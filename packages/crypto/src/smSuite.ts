import { concatBytes, equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { recoverEach } from './recoverEach.js';
import { checkRanges, hashEach } from './hashEach.js';
import { sm3 } from './hashes.js';
import {
  isSm2PrivateKey,
  SM2_PUBLIC_KEY_BYTES,
  SM2_SIGNATURE_BYTES,
  sm2PublicKey,
  sm2SignAs,
  sm2Verify,
} from './sm2.js';
import type { CryptoSuite } from './suite.js';

const DIGEST_BYTES = 32;
const SIGNATURE_BYTES = SM2_SIGNATURE_BYTES + SM2_PUBLIC_KEY_BYTES;

/**
 * The suite `sm`: SM2 and SM3. The digest is SM2's message, so it is hashed once more, together with the signer's
 * identity. A signature carries its public key and holds for that key alone. Private keys end at n − 2 (sm2.ts).
 */
export function createSmSuite(): CryptoSuite {
  function recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
    if (digest.length !== DIGEST_BYTES || signature.length !== SIGNATURE_BYTES) return undefined;
    // A copy even of a Buffer, whose own slice would be a view.
    const publicKey = new Uint8Array(signature.subarray(SM2_SIGNATURE_BYTES));
    return sm2Verify(digest, signature.subarray(0, SM2_SIGNATURE_BYTES), publicKey) ? publicKey : undefined;
  }

  return {
    name: 'sm',
    provider: 'javascript',
    signatureLength: SIGNATURE_BYTES,
    emptyHash: sm3(new Uint8Array(0)),
    hash: sm3,
    hashMany(hashes, bytes, ranges) {
      checkRanges(hashes, bytes, ranges);
      hashEach(sm3, hashes, bytes, ranges);
    },
    isPrivateKey: isSm2PrivateKey,
    publicKey: sm2PublicKey,
    sign(digest, privateKey) {
      invariant(digest.length === DIGEST_BYTES, 'crypto/digest-length');
      const publicKey = sm2PublicKey(privateKey);
      return concatBytes(sm2SignAs(digest, privateKey, publicKey), publicKey);
    },
    verify(digest, signature, publicKey) {
      // The cheap comparison first: a signature of someone else's costs no arithmetic.
      if (signature.length !== SIGNATURE_BYTES || !equalBytes(signature.subarray(SM2_SIGNATURE_BYTES), publicKey)) {
        return false;
      }
      return recover(digest, signature) !== undefined;
    },
    recover,
    recoverMany: (checks) => recoverEach(recover, checks),
  };
}
