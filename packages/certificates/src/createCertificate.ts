/** Writes and signs one X.509 certificate (RFC 5280). What each kind of certificate contains is in issue.ts. */
import { createHash, randomBytes } from 'node:crypto';
import { fromHex, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { derElement, derInteger, derSequence } from '@menglian/crypto/der';
import { objectIdentifier, OID, TAG } from './asn1.js';
import { KEY_USAGE, readCertificateFields, type CertificateFields } from './certificateFields.js';
import { timeElement } from './certificateTime.js';
import { distinguishedName } from './distinguishedName.js';
import { readCertificateKey, type CertificateKey } from './keys.js';
import { pemText, readPemBlocks } from './pem.js';

/** A certificate and its private key, as they lie in files. */
export interface KeyedCertificate {
  /** The first one counts, where there are several. */
  readonly certificatePem: string;
  /** PKCS #8 when we made it; SEC 1 is read too. */
  readonly privateKeyPem: string;
}

export interface Subject {
  readonly commonName: string;
  readonly organizationalUnit: string;
}

export interface ValidityPeriod {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * `root`: what `openssl req -x509` writes. `authority`: CA:TRUE. `member`: CA:FALSE and the key usage of nodes.
 * `bare`: version 1, without extensions, as the channel's certificates of 2.x are. `smAuthority`, `smSigning` and
 * `smEncryption`: those of SM chains, where a member has a pair.
 */
export type CertificateProfile =
  | 'root'
  | 'authority'
  | 'member'
  | 'bare'
  | 'smAuthority'
  | 'smSigning'
  | 'smEncryption';

export interface CertificateRequest {
  readonly subject: Subject;
  readonly key: CertificateKey;
  readonly profile: CertificateProfile;
  readonly validity: ValidityPeriod;
  /** Who signs; a root signs itself. */
  readonly issuer: KeyedCertificate | 'itself';
}

const SERIAL_BYTES = 16;
/** `gmnode.serial` of 2.x has 16 digits. */
const SM_SERIAL_BYTES = 8;
/** More than any file of an authority holds; only the first certificate is read. */
const MAX_BLOCKS = 8;

const MEMBER_USAGE = KEY_USAGE.digitalSignature | KEY_USAGE.nonRepudiation | KEY_USAGE.keyEncipherment;
const SM_AUTHORITY_USAGE = KEY_USAGE.certificateSign | KEY_USAGE.revocationListSign;
const SM_SIGNING_USAGE = KEY_USAGE.digitalSignature | KEY_USAGE.nonRepudiation;
const SM_ENCRYPTION_USAGE = KEY_USAGE.keyEncipherment | KEY_USAGE.dataEncipherment | KEY_USAGE.keyAgreement;

/**
 * @returns the certificate as PEM
 * @throws Error when the issuer's key is neither an elliptic curve's nor RSA
 */
export function createCertificate({ subject, key, profile, validity, issuer }: CertificateRequest): string {
  const signingKey = issuer === 'itself' ? key : readCertificateKey(issuer.privateKeyPem);
  const name = distinguishedName(subject.commonName, subject.organizationalUnit);
  const extensions = extensionsOf(profile, key);
  const isBare = extensions.length === 0;
  const signedPart = derElement(
    TAG.sequence,
    // Version 3; version 1 is the default, which is not written.
    ...(isBare ? [] : [derElement(TAG.context0, derInteger(2n))]),
    derElement(TAG.integer, serialNumber(key.isSm ? SM_SERIAL_BYTES : SERIAL_BYTES)),
    signingKey.signatureAlgorithm,
    issuer === 'itself' ? name : firstCertificate(issuer.certificatePem).subject,
    derElement(TAG.sequence, timeElement(validity.notBefore), timeElement(validity.notAfter)),
    name,
    key.publicKeyInfo,
    ...(isBare ? [] : [derElement(TAG.context3, derElement(TAG.sequence, ...extensions))]),
  );
  const signature = derElement(TAG.bitString, Uint8Array.of(0), signingKey.sign(signedPart));
  return pemText('CERTIFICATE', derElement(TAG.sequence, signedPart, signingKey.signatureAlgorithm, signature));
}

/** Serial number as files carry it: upper-case hexadecimal digits. */
export function serialNumberText(certificatePem: string): string {
  return toHex(firstCertificate(certificatePem).serialNumber).toUpperCase();
}

function firstCertificate(pem: string): CertificateFields {
  const blocks = readPemBlocks(pem, MAX_BLOCKS);
  const der = blocks.ok ? blocks.value.find(({ label }) => label === 'CERTIFICATE')?.der : undefined;
  invariant(der !== undefined, 'certificates/no-certificate');
  const fields = readCertificateFields(der);
  invariant(fields.ok, 'certificates/no-certificate', fields.ok ? undefined : fields.reason);
  return fields.value;
}

/** Random bytes, positive and of full length, so that texts of it always have the same number of digits. */
function serialNumber(length: number): Uint8Array {
  const bytes = new Uint8Array(randomBytes(length));
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes;
}

function extensionsOf(profile: CertificateProfile, key: CertificateKey): Uint8Array[] {
  switch (profile) {
    case 'bare':
      return [];
    case 'root': {
      const identifier = keyIdentifier(key);
      return [
        extension(OID.subjectKeyIdentifier, derElement(TAG.octetString, identifier)),
        extension(OID.authorityKeyIdentifier, derElement(TAG.sequence, derElement(0x80, identifier))),
        extension(OID.basicConstraints, basicConstraints(true), true),
      ];
    }
    case 'authority':
      return [extension(OID.basicConstraints, basicConstraints(true))];
    case 'member':
      return memberExtensions(MEMBER_USAGE);
    case 'smAuthority':
      return [
        extension(OID.basicConstraints, basicConstraints(true)),
        extension(OID.keyUsage, keyUsage(SM_AUTHORITY_USAGE)),
      ];
    case 'smSigning':
      return memberExtensions(SM_SIGNING_USAGE);
    case 'smEncryption':
      return memberExtensions(SM_ENCRYPTION_USAGE);
  }
}

function memberExtensions(usage: number): Uint8Array[] {
  return [extension(OID.basicConstraints, basicConstraints(false)), extension(OID.keyUsage, keyUsage(usage))];
}

/** RFC 5280, 4.2.1.2, method 1: SHA-1 of the key's bits. It only names the key, nothing depends on its strength. */
function keyIdentifier({ publicKeyInfo }: CertificateKey): Uint8Array {
  const bits = derSequence(publicKeyInfo)[1]!;
  return new Uint8Array(createHash('sha1').update(bits.content.subarray(1)).digest());
}

function basicConstraints(isAuthority: boolean): Uint8Array {
  return derElement(TAG.sequence, ...(isAuthority ? [derElement(TAG.boolean, Uint8Array.of(0xff))] : []));
}

/** @param bits of the first byte; zeros behind the last one are not written */
function keyUsage(bits: number): Uint8Array {
  const unused = 31 - Math.clz32(bits & -bits);
  return derElement(TAG.bitString, Uint8Array.of(unused, bits));
}

function extension(id: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? [derElement(TAG.boolean, fromHex('ff'))] : [];
  return derElement(TAG.sequence, objectIdentifier(id), ...flag, derElement(TAG.octetString, value));
}
