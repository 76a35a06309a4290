/** The two families of algorithms a group may choose in its genesis. */
export type SuiteName = 'ecdsa' | 'sm';

/** One of many signatures to check. */
export interface SignatureCheck {
  /** 32 bytes */
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  /** 64 bytes X ‖ Y of whoever probably signed: a right guess lets many be checked at once. Any bytes; not trusted. */
  readonly likelyKey?: Uint8Array | undefined;
  /** Of the suite `sm`: what `recoverMany` told of this signature to whoever checked it before. Not trusted either. */
  readonly likelyParity?: 0 | 1 | undefined;
}

/** What `recoverMany` tells where there is no parity, or none was found. */
export const UNKNOWN_PARITY = 255;

/**
 * Everything the chain asks of cryptography, the same for both families. Every method is synchronous and
 * deterministic; providers (JavaScript, native) differ in speed only. Facts: docs/formats.md, "Hashing and keys".
 */
export interface CryptoSuite {
  readonly name: SuiteName;
  /** Which implementation answers, for the log at start: `addon`, `native` or `javascript`. */
  readonly provider: string;
  /** Bytes of a signature: 65 for ecdsa (r ‖ s ‖ v, v being 0 or 1), 128 for sm (r ‖ s ‖ public key). */
  readonly signatureLength: number;
  /** hash of no bytes */
  readonly emptyHash: Uint8Array;

  /** keccak-256 or SM3. @returns 32 bytes, a fresh array */
  hash(data: Uint8Array): Uint8Array;

  /**
   * `hash` of many parts of one array.
   * @param hashes 32 bytes for each part, one after another: written
   * @param ranges start and end of each part, one after another; parts may overlap
   */
  hashMany(hashes: Uint8Array, bytes: Uint8Array, ranges: Uint32Array): void;

  /** Whether these bytes are a private key: 32 bytes, 0 < key < order of the curve. */
  isPrivateKey(bytes: Uint8Array): boolean;

  /** @param privateKey 32 bytes, valid. @returns the public key: 64 bytes X ‖ Y, without the leading 04 */
  publicKey(privateKey: Uint8Array): Uint8Array;

  /** @param digest 32 bytes. @returns `signatureLength` bytes; low s for ecdsa */
  sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array;

  /** False for anything malformed: wrong lengths, r or s out of range, s above n/2 (ecdsa), a point off the curve. */
  verify(digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean;

  /**
   * The public key that made the signature: recovered (ecdsa), or the embedded one if the signature verifies (sm).
   * @returns 64 bytes, or undefined wherever `verify` would answer false for every key
   */
  recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined;

  /**
   * `recover` for many signatures at once, with the very same answers whatever the guesses are.
   * @param parities a byte for each: written. Of the suite `sm`, the parity of y of the point R that a valid signature
   *   leads to (0 or 1): with it, the next to check the signature can do so in bulk. Otherwise, or if it was not found,
   *   UNKNOWN_PARITY.
   * @returns for each its public key (the object that was the guess, where the guess was right) or undefined
   */
  recoverMany(checks: readonly SignatureCheck[], parities?: Uint8Array): (Uint8Array | undefined)[];
}
