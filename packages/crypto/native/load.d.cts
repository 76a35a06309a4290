/** The addon of addon.c. All arguments are of exact length, or it throws a RangeError. */
declare const addon: {
  /** Writes 64 bytes. @returns false when the private key is out of range */
  publicKey(key: Uint8Array, privateKey: Uint8Array): boolean;
  /** Writes 65 bytes. @returns false when the private key is out of range */
  sign(signature: Uint8Array, digest: Uint8Array, privateKey: Uint8Array): boolean;
  /** Writes 64 bytes. @returns false when no key made the signature */
  recover(key: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean;
  /** Writes a verdict for each check, and 64 bytes for each where it is 2. Packed as ecdsa.h says. */
  recoverMany(verdicts: Uint8Array, keys: Uint8Array, checks: Uint8Array): void;
  /** Writes 32 bytes for each range: where a message begins and ends among the bytes, in the processor's byte order. */
  keccak256Many(hashes: Uint8Array, bytes: Uint8Array, ranges: Uint8Array): void;
  /** SM2's publicKey. Writes 64 bytes. @returns false when the private key is not from 1 to n - 2 */
  sm2PublicKey(key: Uint8Array, privateKey: Uint8Array): boolean;
  /** Writes 128 bytes, r, s and the public key. @param entropy any length. @returns as sm2PublicKey does */
  sm2Sign(signature: Uint8Array, digest: Uint8Array, privateKey: Uint8Array, entropy: Uint8Array): boolean;
  /** @returns whether the key in the signature made it */
  sm2Verify(digest: Uint8Array, signature: Uint8Array): boolean;
  /** Writes for each check whether it is valid, and a parity. Packed as sm2.h says. */
  sm2VerifyMany(verdicts: Uint8Array, parities: Uint8Array, checks: Uint8Array): void;
  /** Writes 32 bytes. */
  sm3(hash: Uint8Array, bytes: Uint8Array): void;
  /** As keccak256Many. */
  sm3Many(hashes: Uint8Array, bytes: Uint8Array, ranges: Uint8Array): void;
  /** Writes 256 bytes: a prepared key, see sm4/sm4Gcm.h. */
  sm4GcmPrepare(prepared: Uint8Array, key: Uint8Array): void;
  /**
   * Encrypts in place.
   * @param message 12 bytes of nonce ‖ additional data ‖ data ‖ 16 bytes for the tag; what follows is left alone
   */
  sm4GcmSeal(prepared: Uint8Array, message: Uint8Array, additionalLength: number, length: number): void;
  /** Decrypts in place, as sm4GcmSeal. @returns whether the tag is right; if not, nothing was written */
  sm4GcmOpen(prepared: Uint8Array, message: Uint8Array, additionalLength: number, length: number): boolean;
  /** For tests and measurements: at most so many blocks in a vector: 16, 8, 4, 1. @returns how many it will be */
  sm4UseLanes(most: number): number;
  /** For tests and measurements: at most so many hashes are computed at a time. @returns how many it will be */
  useLanes(most: number): number;
  /** For tests and measurements: whether eight points are computed at a time. @returns whether it is so now */
  useVectors(wanted: boolean): boolean;
};
export = addon;
