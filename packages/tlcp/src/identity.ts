import type { Result } from '@menglian/base/result';
import type { Fault } from './alert.js';

/** What a server shows: two certificates, for signing and for secrets that are encrypted to it. */
export interface TlcpIdentity {
  /** 32 bytes */
  readonly signingKey: Uint8Array;
  /** 64 bytes X ‖ Y */
  readonly signingPublicKey: Uint8Array;
  /** DER: the certificate of `signingKey`, then those above it, as far as clients need them */
  readonly signingChain: readonly Uint8Array[];
  /** 32 bytes */
  readonly encryptionKey: Uint8Array;
  /** DER */
  readonly encryptionCertificate: Uint8Array;
}

/** A client whose certificates were verified. */
export interface VerifiedClient {
  /** DER of the certificate that signed */
  readonly certificate: Uint8Array;
  /** 64 bytes X ‖ Y */
  readonly signingKey: Uint8Array;
  /** 64 bytes X ‖ Y; undefined when the client showed no second certificate */
  readonly encryptionKey: Uint8Array | undefined;
}

/** Who may connect. */
export interface ClientAuthentication {
  /** distinguished names in DER, which help a client to choose among certificates */
  readonly authorityNames: readonly Uint8Array[];
  /** @param certificates DER, at least one, in the order sent; whatever the client likes */
  verify(certificates: readonly Uint8Array[]): Result<VerifiedClient, Fault>;
}
