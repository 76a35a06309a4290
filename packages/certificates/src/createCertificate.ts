/** Writes and signs one X.509 certificate (RFC 5280). What each kind of certificate contains is in issue.ts. */
import { createHash, createPrivateKey, createSign, randomBytes, type KeyObject } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

/** A certificate and its private key, as they lie in files. */
export interface KeyedCertificate {
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
 * `bare`: version 1, without extensions, as the channel's certificates of 2.x are.
 */
export type CertificateProfile = 'root' | 'authority' | 'member' | 'bare';

export interface CertificateRequest {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly profile: CertificateProfile;
  readonly validity: ValidityPeriod;
  /** Who signs; for a root its own key. */
  readonly issuer: KeyedCertificate | { readonly selfSignedWith: KeyObject };
}

const ORGANIZATION = 'fisco-bcos';
const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  rsaWithSha256: '1.2.840.113549.1.1.11',
} as const;

/** @returns the certificate as PEM. @throws Error when the issuer's key is neither an elliptic curve's nor RSA */
export function createCertificate(request: CertificateRequest): string {
  const { issuer, profile } = request;
  const selfSigned = 'selfSignedWith' in issuer;
  const signingKey = selfSigned ? issuer.selfSignedWith : createPrivateKey(issuer.privateKeyPem);
  const subject = distinguishedName(request.subject);
  const signature = signatureAlgorithm(signingKey);
  const extensions = extensionsOf(profile, request.publicKey);
  const signedPart = new TBSCertificate({
    version: extensions.length === 0 ? Version.v1 : Version.v3,
    serialNumber: serialNumber(),
    signature,
    issuer: selfSigned ? subject : parseCertificate(issuer.certificatePem).tbsCertificate.subject,
    validity: new Validity(request.validity),
    subject,
    subjectPublicKeyInfo: publicKeyInfo(request.publicKey),
    ...(extensions.length === 0 ? {} : { extensions: new Extensions(extensions) }),
  });
  const signedBytes = Buffer.from(AsnConvert.serialize(signedPart));
  const certificate = new Certificate({
    tbsCertificate: signedPart,
    signatureAlgorithm: signature,
    signatureValue: arrayBuffer(createSign('SHA256').update(signedBytes).sign(signingKey)),
  });
  return toPem(Buffer.from(AsnConvert.serialize(certificate)));
}

/** Reads the first certificate of a PEM text. @throws Error when there is none */
function parseCertificate(pem: string): Certificate {
  const body = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/.exec(pem)?.[1] ?? '';
  return AsnConvert.parse(Buffer.from(body, 'base64'), Certificate);
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** CN, O, OU in this order and as UTF-8, as the original's tools write them. */
function distinguishedName({ commonName, organizationalUnit }: Subject): Name {
  const attributes: readonly (readonly [type: string, text: string])[] = [
    [OID.commonName, commonName],
    [OID.organization, ORGANIZATION],
    [OID.organizationalUnit, organizationalUnit],
  ];
  return new Name(
    attributes.map(
      ([type, text]) =>
        new RelativeDistinguishedName([
          new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String: text }) }),
        ]),
    ),
  );
}

function signatureAlgorithm(key: KeyObject): AlgorithmIdentifier {
  if (key.asymmetricKeyType === 'ec') return new AlgorithmIdentifier({ algorithm: OID.ecdsaWithSha256 });
  if (key.asymmetricKeyType === 'rsa')
    return new AlgorithmIdentifier({ algorithm: OID.rsaWithSha256, parameters: null });
  throw new Error(`cannot sign certificates with a key of type ${key.asymmetricKeyType ?? 'unknown'}`);
}

/** 16 random bytes, positive and of full length, so that its text always has 32 digits. */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return arrayBuffer(bytes);
}

function publicKeyInfo(publicKey: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(publicKey.export({ format: 'der', type: 'spki' }), SubjectPublicKeyInfo);
}

function extensionsOf(profile: CertificateProfile, publicKey: KeyObject): Extension[] {
  if (profile === 'bare') return [];
  if (profile === 'root') {
    // RFC 5280, 4.2.1.2, method 1: SHA-1 of the key's bits. It only names the key, nothing depends on its strength.
    const keyBits = Buffer.from(publicKeyInfo(publicKey).subjectPublicKey);
    const identifier = arrayBuffer(createHash('sha1').update(keyBits).digest());
    return [
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(identifier)),
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(identifier) }),
      ),
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: true }), true),
    ];
  }
  if (profile === 'authority') return [extension(id_ce_basicConstraints, new BasicConstraints({ cA: true }))];
  const usage = KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation | KeyUsageFlags.keyEncipherment;
  return [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false })),
    extension(id_ce_keyUsage, new KeyUsage(usage)),
  ];
}

function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** A copy that is exactly these bytes: Buffers share larger memory. */
function arrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** Serial number as files carry it: upper-case hexadecimal digits. */
export function serialNumberText(certificatePem: string): string {
  return Buffer.from(parseCertificate(certificatePem).tbsCertificate.serialNumber).toString('hex').toUpperCase();
}
