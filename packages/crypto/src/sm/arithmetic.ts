import type { SignatureCheck } from '../suite.js';

export const DIGEST_BYTES = 32;
export const PUBLIC_KEY_BYTES = 64;
/** r ‖ s, the part of a signature that is SM2's. */
export const PAIR_BYTES = 64;
/** r ‖ s ‖ X ‖ Y */
export const SIGNATURE_BYTES = PAIR_BYTES + PUBLIC_KEY_BYTES;

/** The arithmetic a provider supplies. Lengths and private keys have been checked, except where it says otherwise. */
export interface SmArithmetic {
  readonly provider: string;
  /** @returns 64 bytes X ‖ Y */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /**
   * Signs SM3(Z ‖ digest) with the nonce of RFC 6979, made with HMAC-SM3.
   * @param entropy none or 32 bytes. @returns 128 bytes
   */
  sign(digest: Uint8Array, privateKey: Uint8Array, entropy: Uint8Array): Uint8Array;
  /** Whether the key in the signature is a point of the curve and made it. */
  verify(digest: Uint8Array, signature: Uint8Array): boolean;
  /** `CryptoSuite.hash` */
  hash(data: Uint8Array): Uint8Array;
  /** `CryptoSuite.hashMany`, with checked ranges */
  hashMany(hashes: Uint8Array, bytes: Uint8Array, ranges: Uint32Array): void;
  /** All of `CryptoSuite.recoverMany`, with unchecked arguments; without it, signatures are checked one by one. */
  recoverMany?(checks: readonly SignatureCheck[], parities?: Uint8Array): (Uint8Array | undefined)[];
}
