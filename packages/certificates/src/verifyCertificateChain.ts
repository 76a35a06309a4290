/**
 * Who may connect: holders of a certificate below the consortium's authority. Path validation of RFC 5280, section 6,
 * as far as the certificates of `menglian chain build` and of FISCO BCOS 2.x use it; no policies, no name constraints
 * (refused where critical), and no revocation lists: nodes are denied by node id.
 */
import { X509Certificate, type KeyObject } from 'node:crypto';
import { equalBytes, fromHex, toHex } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import type { NodeId } from '@menglian/types/address';
import {
  KEY_USAGE_CERTIFICATE_SIGN,
  KEY_USAGE_DIGITAL_SIGNATURE,
  readCertificateFields,
  type CertificateFields,
} from './certificateFields.js';
import { readDistinguishedName } from './distinguishedName.js';
import { readPemCertificates, type PemReason } from './pem.js';

/** Node, agency, chain, and one more where the chain authority itself has a superior. */
const MAX_CHAIN_CERTIFICATES = 4;
const MAX_TRUST_ANCHORS = 16;

export type CertificateReason =
  | PemReason
  /** Not one certificate in distinguished encoding, or a critical extension that is unknown here. */
  | 'MalformedCertificate'
  /** A signature with SHA-1 or weaker, or an authority's key of an unknown or weak kind. */
  | 'UnsupportedAlgorithm'
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
  | 'LeafKeyUsage'
  /** The node's key is not on secp256k1, named and uncompressed. */
  | 'NotSecp256k1'
  /** A common name is missing, doubled, or no plain text. */
  | 'BadName'
  /** The local file of trusted authorities holds something that is none. */
  | 'BadTrustAnchor';

export interface CertifiedNode {
  readonly nodeId: NodeId;
  /** Common name of the authority that signed the node's certificate. */
  readonly agency: string;
  /** Common name of the node. */
  readonly commonName: string;
}

interface Certificate {
  readonly der: Uint8Array;
  readonly fields: CertificateFields;
  readonly x509: X509Certificate;
}

/** ecdsa-with-SHA256, -384, -512; sha256, sha384, sha512WithRSAEncryption. */
const SIGNATURE_ALGORITHMS = new Set([
  '2a8648ce3d040302',
  '2a8648ce3d040303',
  '2a8648ce3d040304',
  '2a864886f70d01010b',
  '2a864886f70d01010c',
  '2a864886f70d01010d',
]);
const AUTHORITY_CURVES = new Set(['secp256k1', 'prime256v1', 'secp384r1', 'secp521r1']);
const MIN_RSA_BITS = 2048;
/** A check of an RSA signature takes time with the square of this. */
const MAX_RSA_BITS = 8192;
/** SubjectPublicKeyInfo of a key on secp256k1 by name, uncompressed; 64 bytes X ‖ Y follow. */
const SECP256K1_KEY_PREFIX = fromHex('3056301006072a8648ce3d020106052b8104000a03420004');

/**
 * Checks what a node presents: its certificate first, each signed by the next, up to an authority that is trusted here.
 * Signatures are checked from the trusted end down, so no key is used before somebody trusted vouched for it.
 *
 * @param pemChain text of `node.crt`: leaf, agency, chain authority (which may be left out)
 * @param caPems texts of trusted authorities (`ca.crt`); each may hold several
 * @param nowMs the time at which all of them must be valid
 */
export function verifyCertificateChain(
  pemChain: string,
  caPems: readonly string[],
  nowMs: number,
): Result<CertifiedNode, CertificateReason> {
  const anchors = readTrustAnchors(caPems);
  if (anchors === undefined) return failure('BadTrustAnchor');
  const ders = readPemCertificates(pemChain, MAX_CHAIN_CERTIFICATES);
  if (!ders.ok) return ders;
  const chain: Certificate[] = [];
  for (const der of ders.value) {
    const certificate = readCertificate(der);
    if (certificate === undefined) return failure('MalformedCertificate');
    chain.push(certificate);
  }
  const path = pathToAnchor(chain, anchors);
  if (!path.ok) return path;
  const reason = firstFault(path.value, nowMs);
  return reason === undefined ? identify(path.value) : failure(reason);
}

function readTrustAnchors(caPems: readonly string[]): Certificate[] | undefined {
  const anchors: Certificate[] = [];
  for (const pem of caPems) {
    const ders = readPemCertificates(pem, MAX_TRUST_ANCHORS);
    if (!ders.ok) return undefined;
    for (const der of ders.value) {
      const anchor = readCertificate(der);
      if (anchor === undefined || !anchor.fields.isAuthority) return undefined;
      anchors.push(anchor);
    }
  }
  return anchors.length > 0 && anchors.length <= MAX_TRUST_ANCHORS ? anchors : undefined;
}

function readCertificate(der: Uint8Array): Certificate | undefined {
  const fields = readCertificateFields(der);
  if (fields === undefined) return undefined;
  try {
    return { der, fields, x509: new X509Certificate(der) };
  } catch {
    return undefined;
  }
}

/**
 * The chain as far as the first certificate that a trusted authority signed, and that authority as last element. What
 * follows in the file does not matter: after a renewal it may be an older certificate of the same authority.
 */
function pathToAnchor(chain: Certificate[], anchors: Certificate[]): Result<Certificate[], CertificateReason> {
  for (let i = 0; i < chain.length; i++) {
    const current = chain[i]!;
    const anchor = anchors.find((candidate) => hasIssued(candidate, current));
    if (anchor !== undefined) return success([...chain.slice(0, i + 1), anchor]);
    const next = chain[i + 1];
    if (next === undefined || equalBytes(current.fields.issuer, current.fields.subject)) break;
    if (!equalBytes(next.fields.subject, current.fields.issuer)) return failure('IssuerMismatch');
  }
  return failure('UnknownAuthority');
}

/** The name alone does not tell: another's authority may carry the same one, and so does a renewed one of ours. */
function hasIssued(authority: Certificate, certificate: Certificate): boolean {
  return (
    equalBytes(authority.fields.subject, certificate.fields.issuer) &&
    certificate.x509.checkIssued(authority.x509) &&
    signatureHolds(certificate, authority)
  );
}

/** False as well when the authority's key is of a kind we do not trust or cannot read. */
function signatureHolds(certificate: Certificate, authority: Certificate): boolean {
  const key = authorityKey(authority);
  try {
    return key !== undefined && certificate.x509.verify(key);
  } catch {
    return false;
  }
}

/** Only asked of certificates that are trusted or were verified: reading a key can be made expensive. */
function authorityKey({ x509 }: Certificate): KeyObject | undefined {
  try {
    const key = x509.publicKey;
    const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
    if (key.asymmetricKeyType === 'ec') return AUTHORITY_CURVES.has(namedCurve) ? key : undefined;
    const strong = modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS;
    return key.asymmetricKeyType === 'rsa' && strong ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Walks from the trusted end to the leaf. @param path leaf first, trusted certificate last, at least two */
function firstFault(path: readonly Certificate[], nowMs: number): CertificateReason | undefined {
  for (let i = path.length - 1; i >= 0; i--) {
    const { fields, x509 } = path[i]!;
    const issuer = path[i + 1];
    if (issuer !== undefined) {
      if (!SIGNATURE_ALGORITHMS.has(fields.signatureAlgorithm)) return 'UnsupportedAlgorithm';
      if (!x509.checkIssued(issuer.x509)) return 'IssuerMismatch';
      if (!signatureHolds(path[i]!, issuer)) return 'BadSignature';
    }
    if (nowMs < fields.notBeforeMs) return 'NotYetValid';
    if (nowMs > fields.notAfterMs) return 'Expired';
    if (i === 0) continue;
    if (!fields.isAuthority) return 'NotAnAuthority';
    if (fields.keyUsage !== undefined && (fields.keyUsage & KEY_USAGE_CERTIFICATE_SIGN) === 0) return 'NotAnAuthority';
    // Authorities between this one and the leaf: those at 1 … i − 1.
    if (fields.pathLength !== undefined && i - 1 > fields.pathLength) return 'PathTooLong';
    if (authorityKey(path[i]!) === undefined) return 'UnsupportedAlgorithm';
  }
  return undefined;
}

function identify([leaf, issuer]: readonly Certificate[]): Result<CertifiedNode, CertificateReason> {
  const { fields } = leaf!;
  if (fields.isAuthority) return failure('LeafIsAuthority');
  if (fields.keyUsage !== undefined && (fields.keyUsage & KEY_USAGE_DIGITAL_SIGNATURE) === 0) {
    return failure('LeafKeyUsage');
  }
  const key = fields.subjectPublicKeyInfo;
  const prefix = key.subarray(0, SECP256K1_KEY_PREFIX.length);
  if (key.length !== SECP256K1_KEY_PREFIX.length + 64 || !equalBytes(prefix, SECP256K1_KEY_PREFIX)) {
    return failure('NotSecp256k1');
  }
  const node = readDistinguishedName(fields.subject);
  const agency = readDistinguishedName(issuer!.fields.subject);
  if (node === undefined || agency === undefined) return failure('BadName');
  // The agency signs its clients with the same key: one that was stolen must not become a peer.
  if (node.organizationalUnits.includes('sdk')) return failure('LeafIsClient');
  return success({
    nodeId: toHex(key.subarray(SECP256K1_KEY_PREFIX.length)),
    agency: agency.commonName,
    commonName: node.commonName,
  });
}
