import { equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { checkRanges, hashEach } from '../hashEach.js';
import { keccak256 } from '../hashes.js';
import { recoverEach } from '../recoverEach.js';
import { UNKNOWN_PARITY, type CryptoSuite, type SignatureCheck } from '../suite.js';
import {
  DIGEST_BYTES,
  isScalar,
  isSignature,
  PRIVATE_KEY_BYTES,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
} from './signatureForm.js';

/** The arithmetic a provider supplies. Arguments have passed the checks of signatureForm.ts. */
export interface EcdsaArithmetic {
  readonly provider: string;
  /** @returns 64 bytes X ‖ Y */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** Nonce by RFC 6979 with HMAC-SHA-256, low s. @returns 65 bytes r ‖ s ‖ v */
  sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array;
  /** @returns 64 bytes, or undefined when r is no x coordinate of the curve or the result is the point at infinity */
  recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined;
  /** All of `CryptoSuite.recoverMany`, with unchecked arguments; without it, signatures are recovered one by one. */
  recoverMany?(checks: readonly SignatureCheck[]): (Uint8Array | undefined)[];
  /** `CryptoSuite.hashMany`, several at a time; without it, one after another. */
  hashMany?(hashes: Uint8Array, bytes: Uint8Array, ranges: Uint32Array): void;
}

/**
 * The suite `ecdsa` on a provider's arithmetic: secp256k1 and keccak-256.
 *
 * A signature holds for a key exactly when that key is recovered from it. So v counts too: of a valid signature no
 * second form holds for the same key, and `verify` and `recover` cannot contradict each other.
 */
export function createEcdsaSuite(arithmetic: EcdsaArithmetic): CryptoSuite {
  function isPrivateKey(bytes: Uint8Array): boolean {
    return bytes.length === PRIVATE_KEY_BYTES && isScalar(bytes, 0);
  }

  function recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
    if (digest.length !== DIGEST_BYTES || !isSignature(signature)) return undefined;
    return arithmetic.recover(digest, signature);
  }

  return {
    name: 'ecdsa',
    provider: arithmetic.provider,
    signatureLength: SIGNATURE_BYTES,
    emptyHash: keccak256(new Uint8Array(0)),
    hash: keccak256,
    hashMany(hashes, bytes, ranges) {
      checkRanges(hashes, bytes, ranges);
      if (arithmetic.hashMany !== undefined) arithmetic.hashMany(hashes, bytes, ranges);
      else hashEach(keccak256, hashes, bytes, ranges);
    },
    isPrivateKey,
    publicKey(privateKey) {
      invariant(isPrivateKey(privateKey), 'crypto/private-key');
      return arithmetic.publicKey(privateKey);
    },
    sign(digest, privateKey) {
      invariant(digest.length === DIGEST_BYTES, 'crypto/digest-length');
      invariant(isPrivateKey(privateKey), 'crypto/private-key');
      return arithmetic.sign(digest, privateKey);
    },
    verify(digest, signature, publicKey) {
      if (publicKey.length !== PUBLIC_KEY_BYTES) return false;
      const signer = recover(digest, signature);
      return signer !== undefined && equalBytes(signer, publicKey);
    },
    recover,
    recoverMany(checks, parities) {
      // There are none: v names the point.
      parities?.fill(UNKNOWN_PARITY);
      return arithmetic.recoverMany?.(checks) ?? recoverEach(recover, checks);
    },
  };
}
