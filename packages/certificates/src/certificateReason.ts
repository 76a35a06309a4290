import type { PemReason } from './pem.js';

/** Why certificates are refused: a word for logs. */
export type CertificateReason =
  | PemReason
  /** Not one certificate in distinguished encoding, or a critical extension that is unknown here. */
  | 'MalformedCertificate'
  /** A signature with SHA-1 or weaker, or an authority's key of an unknown or weak kind. */
  | 'UnsupportedAlgorithm'
  /** SM2 and other algorithms in one chain, or a chain of the one kind below an authority of the other. */
  | 'MixedAlgorithms'
  /** No certificate of the chain is trusted here, nor signed by one that is. */
  | 'UnknownAuthority'
  /** A certificate names another issuer than the next one in the file. */
  | 'IssuerMismatch'
  /** A certificate that is no authority's has signed another. */
  | 'NotAnAuthority'
  /** More authorities in a row than one of them allows. */
  | 'PathTooLong'
  | 'BadSignature'
  | 'NotYetValid'
  | 'Expired'
  /** The first certificate is an authority's: it signs certificates, it does not run a node. */
  | 'LeafIsAuthority'
  /** The first certificate belongs to a client (organizational unit `sdk`). */
  | 'LeafIsClient'
  /** The key usage does not allow what the certificate is shown for: an encryption certificate in place of a signing one. */
  | 'LeafKeyUsage'
  /** The node's key is not on secp256k1, named and uncompressed. */
  | 'NotSecp256k1'
  /** A key on the curve of SM2 that is compressed, or no point of it. */
  | 'BadPublicKey'
  /** A common name is missing, doubled, or no plain text. */
  | 'BadName'
  /** The local file of trusted authorities holds something that is none. */
  | 'BadTrustAnchor';

/** A reason with what it was found in. */
export interface CertificateFault {
  readonly reason: CertificateReason;
  /** A whole sentence without its full stop, for people: `the certificate of node0 expired on 2026-01-01`. */
  readonly sentence: string;
}
