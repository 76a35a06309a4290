/**
 * The two certificates of a member of an SM chain (GM/T 0024, GB/T 38636): one key signs, the other decrypts. TLCP shows
 * both; links between nodes show the signing one only.
 */
import { equalBytes } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import type { Certificate } from './certificate.js';
import type { CertificateReason } from './certificateReason.js';
import { MAX_CHAIN_CERTIFICATES, readCertificates } from './pathValidation.js';
import { MAX_CERTIFICATE_BYTES } from './pem.js';
import { verifyHolder, type CertificateUse, type CertifiedHolder } from './verifyCertificateChain.js';

export type PairReason =
  | CertificateReason
  /** The certificates of one pair come from two authorities. */
  | 'PairIssuersDiffer'
  /** Both certificates hold the same key. */
  | 'PairKeyTwice'
  /** The certificates are not on the curve of SM2. */
  | 'NotSm2';

export interface PairFault {
  readonly reason: PairReason;
  /** As in `CertificateFault`. */
  readonly sentence: string;
  /** Which certificate it is about. */
  readonly of: CertificateUse | 'both';
}

export interface CertifiedPair {
  readonly signing: CertifiedHolder;
  /** Undefined where the other side showed a signing certificate only, as clients may. */
  readonly encryption: CertifiedHolder | undefined;
}

/** A pair, and those above it. */
const MAX_SHOWN_CERTIFICATES = MAX_CHAIN_CERTIFICATES + 1;

/**
 * Checks what the other side of a TLCP connection shows.
 * @param ders any bytes; signing certificate, encryption certificate, then those above them as far as they are known
 * @param anchors of `readTrustAnchors`
 */
export function verifyShownPair(
  ders: readonly Uint8Array[],
  anchors: readonly Certificate[],
  nowMs: number,
): Result<CertifiedPair, PairFault> {
  if (ders.length === 0) return fault('NoCertificate', 'no certificate was shown');
  if (ders.length > MAX_SHOWN_CERTIFICATES) {
    return fault('TooManyCertificates', `more than ${MAX_SHOWN_CERTIFICATES} certificates were shown`);
  }
  if (ders.some((der) => der.length > MAX_CERTIFICATE_BYTES)) {
    return fault('TooLarge', `a certificate has more than ${MAX_CERTIFICATE_BYTES} bytes`);
  }
  const certificates = readCertificates(ders);
  if (!certificates.ok) return fault(certificates.reason.reason, certificates.reason.sentence);
  const [signing, second, ...rest] = certificates.value as [Certificate, ...Certificate[]];
  const hasPair = second !== undefined && !second.fields.isAuthority;
  if (hasPair) return verifyPair([signing, ...rest], [second, ...rest], anchors, nowMs);
  const holder = verifySmHolder(certificates.value, anchors, 'signing', nowMs);
  return holder.ok ? success({ signing: holder.value, encryption: undefined }) : holder;
}

/** @param signing, encryption each with those above it */
export function verifyPair(
  signing: readonly Certificate[],
  encryption: readonly Certificate[],
  anchors: readonly Certificate[],
  nowMs: number,
): Result<{ readonly signing: CertifiedHolder; readonly encryption: CertifiedHolder }, PairFault> {
  const signer = verifySmHolder(signing, anchors, 'signing', nowMs);
  if (!signer.ok) return signer;
  const decrypter = verifySmHolder(encryption, anchors, 'encryption', nowMs);
  if (!decrypter.ok) return decrypter;
  const { commonName } = signer.value;
  if (equalBytes(signer.value.publicKey, decrypter.value.publicKey)) {
    return fault('PairKeyTwice', `both certificates of ${commonName} hold the same key; each needs its own`);
  }
  if (!equalBytes(signing[0]!.fields.issuer, encryption[0]!.fields.issuer)) {
    const agencies = `${signer.value.agency} and ${decrypter.value.agency}`;
    return fault('PairIssuersDiffer', `the certificates of ${commonName} come from two authorities, ${agencies}`);
  }
  return success({ signing: signer.value, encryption: decrypter.value });
}

function verifySmHolder(
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
  use: CertificateUse,
  nowMs: number,
): Result<CertifiedHolder, PairFault> {
  const holder = verifyHolder(chain, anchors, use, nowMs);
  if (!holder.ok) return fault(holder.reason.reason, holder.reason.sentence, use);
  const { algorithm, commonName } = holder.value;
  if (algorithm === 'sm2') return holder;
  return fault('NotSm2', `the certificate of ${commonName} has a key on ${algorithm}, not sm2`, use);
}

function fault(
  reason: PairReason,
  sentence: string,
  of: PairFault['of'] = 'both',
): { readonly ok: false; readonly reason: PairFault } {
  return failure({ reason, sentence, of });
}
