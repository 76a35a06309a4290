/**
 * Path validation of RFC 5280, section 6, as far as the certificates of `menglian chain build` and of FISCO BCOS 2.x use
 * it; no policies, no name constraints (refused where critical), and no revocation lists: nodes are denied by node id.
 */
import { equalBytes } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import {
  certificateName,
  hasAuthorityKey,
  hasKnownSignatureAlgorithm,
  namesIssuer,
  ordinalName,
  readCertificate,
  signatureHolds,
  type Certificate,
} from './certificate.js';
import { OID } from './asn1.js';
import { KEY_USAGE } from './certificateFields.js';
import type { CertificateFault, CertificateReason } from './certificateReason.js';
import { readPemCertificates, type PemReason } from './pem.js';

/** Node, agency, chain, and one more where the chain authority itself has a superior. */
export const MAX_CHAIN_CERTIFICATES = 4;
const MAX_TRUST_ANCHORS = 16;

/** Leaf first, trusted certificate last, at least two. */
export type CertificatePath = readonly Certificate[];

const PEM_SENTENCES: Readonly<Record<PemReason, string>> = {
  TooLarge: 'it is larger than any chain of certificates',
  NotPem: 'it is not PEM: a block is open, is not base64, or is no certificate',
  NoCertificate: 'it holds no certificate',
  TooManyCertificates: `it holds more than ${MAX_CHAIN_CERTIFICATES} certificates`,
};

/** @param caPems texts of trusted authorities (`ca.crt`, `gmca.crt`); each may hold several */
export function readTrustAnchors(caPems: readonly string[]): Result<readonly Certificate[], CertificateFault> {
  const anchors: Certificate[] = [];
  for (const pem of caPems) {
    const ders = readPemCertificates(pem, MAX_TRUST_ANCHORS);
    if (!ders.ok) return fault('BadTrustAnchor', PEM_SENTENCES[ders.reason]);
    for (const der of ders.value) {
      const anchor = readCertificate(der);
      if (!anchor.ok) return fault('BadTrustAnchor', `${ordinalName(anchors.length)} ${anchor.reason}`);
      if (!anchor.value.fields.isAuthority) {
        return fault('BadTrustAnchor', `${certificateName(anchor.value, anchors.length)} is no authority's`);
      }
      anchors.push(anchor.value);
    }
  }
  if (anchors.length > 0 && anchors.length <= MAX_TRUST_ANCHORS) return success(anchors);
  return fault('BadTrustAnchor', `there are ${anchors.length} trusted authorities; 1 to ${MAX_TRUST_ANCHORS} can be`);
}

/** @param pemChain leaf, agency, chain authority (which may be left out) */
export function readChain(pemChain: string): Result<Certificate[], CertificateFault> {
  const ders = readPemCertificates(pemChain, MAX_CHAIN_CERTIFICATES);
  return ders.ok ? readCertificates(ders.value) : fault(ders.reason, PEM_SENTENCES[ders.reason]);
}

/** @param ders certificates in distinguished encoding, at least one */
export function readCertificates(ders: readonly Uint8Array[]): Result<Certificate[], CertificateFault> {
  const chain: Certificate[] = [];
  for (const [index, der] of ders.entries()) {
    const certificate = readCertificate(der);
    if (!certificate.ok) return fault('MalformedCertificate', `${ordinalName(index)} ${certificate.reason}`);
    chain.push(certificate.value);
  }
  return success(chain);
}

/**
 * Signatures are checked from the trusted end down, so no key is used before somebody trusted vouched for it.
 * @param chain each signed by the next, up to an authority that is trusted here
 * @param nowMs the time at which all of them must be valid
 */
export function validatePath(
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
  nowMs: number,
): Result<CertificatePath, CertificateFault> {
  const mixed = mixedFault(chain, anchors);
  if (mixed !== undefined) return failure(mixed);
  const path = pathToAnchor(chain, anchors);
  if (!path.ok) return path;
  const found = firstFault(path.value, nowMs);
  return found === undefined ? path : failure(found);
}

function mixedFault(chain: readonly Certificate[], anchors: readonly Certificate[]): CertificateFault | undefined {
  const isSm = chain[0]!.key.kind === 'sm2';
  const first = certificateName(chain[0]!, 0);
  for (const [index, { key, fields, family }] of chain.entries()) {
    if (family === (isSm ? 'sm' : 'standard')) continue;
    const kinds = `has a key of the kind ${key.kind} and a signature ${fields.signatureAlgorithm === OID.sm2WithSm3 ? 'with' : 'without'} SM2`;
    const rest = index === 0 ? '' : `, while ${first} has a key ${isSm ? 'on' : 'of another kind than'} sm2`;
    return { reason: 'MixedAlgorithms', sentence: `${certificateName(chain[index]!, index)} ${kinds}${rest}` };
  }
  if (anchors.some(({ key }) => (key.kind === 'sm2') === isSm)) return undefined;
  const sentence = isSm
    ? `${first} has a key on sm2, and no trusted authority has`
    : `${first} has a key that is not on sm2, and all trusted authorities have`;
  return { reason: 'MixedAlgorithms', sentence };
}

/**
 * The chain as far as the first certificate that a trusted authority signed, and that authority as last element. What
 * follows in the file does not matter: after a renewal it may be an older certificate of the same authority.
 */
function pathToAnchor(
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
): Result<CertificatePath, CertificateFault> {
  for (let i = 0; i < chain.length; i++) {
    const current = chain[i]!;
    // The name alone does not tell: another's authority may carry the same one, and so does a renewed one of ours.
    const anchor = anchors.find((candidate) => namesIssuer(current, candidate) && signatureHolds(current, candidate));
    if (anchor !== undefined) return success([...chain.slice(0, i + 1), anchor]);
    const next = chain[i + 1];
    if (next === undefined || equalBytes(current.fields.issuer, current.fields.subject)) {
      return fault('UnknownAuthority', strangerSentence(current, i, anchors));
    }
    if (!equalBytes(next.fields.subject, current.fields.issuer)) {
      const names = `${certificateName(current, i)} names another issuer than ${certificateName(next, i + 1)}`;
      return fault('IssuerMismatch', `${names}, which follows it`);
    }
  }
  return fault('NoCertificate', PEM_SENTENCES.NoCertificate);
}

/** @param last the one whose issuer is not known. @param index its place */
function strangerSentence(last: Certificate, index: number, anchors: readonly Certificate[]): string {
  const name = certificateName(last, index);
  const namesake = anchors.findIndex((anchor) => namesIssuer(last, anchor));
  if (namesake < 0) return `${name} leads to no authority that is trusted here`;
  return `${name} names a trusted authority, but was not signed ${signerOf(anchors[namesake]!, namesake)}`;
}

/** Walks from the trusted end to the leaf. */
function firstFault(path: CertificatePath, nowMs: number): CertificateFault | undefined {
  for (let i = path.length - 1; i >= 0; i--) {
    const certificate = path[i]!;
    const { fields } = certificate;
    const issuer = path[i + 1];
    const found = (reason: CertificateReason, sentence: string): CertificateFault => {
      return { reason, sentence: `${certificateName(certificate, i)} ${sentence}` };
    };
    if (issuer !== undefined) {
      if (!hasKnownSignatureAlgorithm(certificate)) {
        return found('UnsupportedAlgorithm', 'is signed with an algorithm that is unknown or weak');
      }
      if (!namesIssuer(certificate, issuer)) return found('IssuerMismatch', 'names another issuer');
      // By the signature of the one below the anchor the anchor was found.
      const isKnownToHold = i === path.length - 2;
      if (!isKnownToHold && !signatureHolds(certificate, issuer)) {
        return found('BadSignature', `was not signed ${signerOf(issuer, i + 1)}`);
      }
    }
    if (nowMs < fields.notBeforeMs) return found('NotYetValid', `is not valid before ${isoTime(fields.notBeforeMs)}`);
    if (nowMs > fields.notAfterMs) return found('Expired', `expired on ${isoTime(fields.notAfterMs)}`);
    if (i === 0) continue;
    if (!fields.isAuthority) return found('NotAnAuthority', "is no authority's, but has signed another");
    if (fields.keyUsage !== undefined && (fields.keyUsage & KEY_USAGE.certificateSign) === 0) {
      return found('NotAnAuthority', 'has a key usage without signing certificates');
    }
    // Authorities between this one and the leaf: those at 1 … i − 1.
    if (fields.pathLength !== undefined && i - 1 > fields.pathLength) {
      return found('PathTooLong', `allows ${fields.pathLength} authorities below it, and there are ${i - 1}`);
    }
    if (!hasAuthorityKey(certificate)) {
      return found('UnsupportedAlgorithm', 'has a key of a kind that no authority may have here');
    }
  }
  return undefined;
}

/** Tools that do not ask take another identity for SM2, and then the right key is of no use. */
function signerOf(issuer: Certificate, index: number): string {
  const key = `with the key of ${certificateName(issuer, index)}`;
  return issuer.key.kind === 'sm2' ? `${key} and the identity 1234567812345678` : key;
}

function isoTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

function fault(reason: CertificateReason, sentence: string): { readonly ok: false; readonly reason: CertificateFault } {
  return failure({ reason, sentence });
}
