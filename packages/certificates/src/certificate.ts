/** One certificate, and whether another one signed it. */
import { X509Certificate, type KeyObject } from 'node:crypto';
import { equalBytes } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import { isSm2PublicKey, sm2Verify } from '@menglian/crypto/sm2';
import { parseDerSignature } from '@menglian/crypto/sm2Der';
import { OID } from './asn1.js';
import { readCertificateFields, type CertificateFields } from './certificateFields.js';
import { readDistinguishedName } from './distinguishedName.js';
import { readPublicKeyInfo, type PublicKeyInfo } from './publicKeyInfo.js';

/** SM2 and SM3, or ECDSA and RSA with SHA-2. No chain has certificates of both. */
export type CertificateFamily = 'sm' | 'standard';

export interface Certificate {
  readonly der: Uint8Array;
  readonly fields: CertificateFields;
  readonly key: PublicKeyInfo;
  /** Undefined where the key is of the one family and the signature of the other. */
  readonly family: CertificateFamily | undefined;
  /** Reads and checks what is not SM2; undefined for certificates that are. */
  readonly x509: X509Certificate | undefined;
}

/** ecdsa-with-SHA256, -384, -512; sha256, sha384, sha512WithRSAEncryption. */
const SIGNATURE_ALGORITHMS = new Set<string>([
  OID.ecdsaWithSha256,
  '2a8648ce3d040303',
  '2a8648ce3d040304',
  OID.rsaWithSha256,
  '2a864886f70d01010c',
  '2a864886f70d01010d',
  OID.sm2WithSm3,
]);
const AUTHORITY_CURVES = new Set(['secp256k1', 'prime256v1', 'secp384r1', 'secp521r1']);
const MIN_RSA_BITS = 2048;
/** A check of an RSA signature takes time with the square of this. */
const MAX_RSA_BITS = 8192;

/** @returns the certificate, or the end of a sentence that begins with `the certificate` */
export function readCertificate(der: Uint8Array): Result<Certificate> {
  const fields = readCertificateFields(der);
  if (!fields.ok) return fields;
  const key = readPublicKeyInfo(fields.value.subjectPublicKeyInfo);
  const signature = fields.value.signatureAlgorithm === OID.sm2WithSm3 ? 'sm' : 'standard';
  const family = (key.kind === 'sm2' ? 'sm' : 'standard') === signature ? signature : undefined;
  if (family === 'sm') return success({ der, fields: fields.value, key, family, x509: undefined });
  try {
    return success({ der, fields: fields.value, key, family, x509: new X509Certificate(der) });
  } catch {
    return failure('cannot be read by OpenSSL');
  }
}

export function hasKnownSignatureAlgorithm({ fields }: Certificate): boolean {
  return SIGNATURE_ALGORITHMS.has(fields.signatureAlgorithm);
}

/** Whether the certificate names this authority as its issuer. The name alone does not tell, see `signatureHolds`. */
export function namesIssuer({ fields, x509 }: Certificate, authority: Certificate): boolean {
  if (!equalBytes(authority.fields.subject, fields.issuer)) return false;
  return x509 === undefined || (authority.x509 !== undefined && x509.checkIssued(authority.x509));
}

/** False as well when the authority's key is of a kind that we do not trust or cannot read. */
export function signatureHolds({ fields, x509 }: Certificate, authority: Certificate): boolean {
  if (x509 === undefined) {
    const signature = parseDerSignature(fields.signature);
    const { kind, point } = authority.key;
    if (kind !== 'sm2' || point === undefined || signature === undefined) return false;
    return sm2Verify(fields.signedPart, signature, point);
  }
  const key = standardAuthorityKey(authority);
  try {
    return key !== undefined && x509.verify(key);
  } catch {
    return false;
  }
}

/** Only asked of certificates that are trusted or were verified: reading a key can be made expensive. */
export function hasAuthorityKey(certificate: Certificate): boolean {
  const { kind, point } = certificate.key;
  if (kind === 'sm2') return point !== undefined && isSm2PublicKey(point);
  return standardAuthorityKey(certificate) !== undefined;
}

function standardAuthorityKey({ x509 }: Certificate): KeyObject | undefined {
  try {
    const key = x509?.publicKey;
    const { modulusLength = 0, namedCurve = '' } = key?.asymmetricKeyDetails ?? {};
    if (key?.asymmetricKeyType === 'ec') return AUTHORITY_CURVES.has(namedCurve) ? key : undefined;
    const strong = modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS;
    return key?.asymmetricKeyType === 'rsa' && strong ? key : undefined;
  } catch {
    return undefined;
  }
}

/** `the certificate of node0`, or its place in the file where its name cannot be read. @param index from 0 */
export function certificateName({ fields }: Certificate, index: number): string {
  const name = readDistinguishedName(fields.subject);
  return name === undefined ? ordinalName(index) : `the certificate of ${name.commonName}`;
}

export function ordinalName(index: number): string {
  return `the certificate at place ${index + 1}`;
}
