/** The fields of an X.509 certificate (RFC 5280, 4.1) that decide whether somebody is let in. */
import { equalBytes, toHex } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import { derInside, derItems, derSequence, type DerItem } from '@menglian/crypto/der';
import { dottedIdentifier, OID, readObjectIdentifier, TAG } from './asn1.js';
import { readTime } from './certificateTime.js';

export interface CertificateFields {
  /** What the issuer signed, as encoded. */
  readonly signedPart: Uint8Array;
  readonly signature: Uint8Array;
  /** The algorithm inside the signed part; the one outside it is the same. Object identifier, hexadecimal. */
  readonly signatureAlgorithm: string;
  /** Big-endian, not negative, without superfluous zeros. */
  readonly serialNumber: Uint8Array;
  /** Issuer and subject as encoded: names are equal when their bytes are. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly subjectPublicKeyInfo: Uint8Array;
  readonly isAuthority: boolean;
  /** How many authorities may follow below this one; undefined without a limit. */
  readonly pathLength: number | undefined;
  /** Bits of the key usage extension in the order of RFC 5280, the first bit highest; undefined without it. */
  readonly keyUsage: number | undefined;
}

export const KEY_USAGE = {
  digitalSignature: 0x80,
  nonRepudiation: 0x40,
  keyEncipherment: 0x20,
  dataEncipherment: 0x10,
  keyAgreement: 0x08,
  certificateSign: 0x04,
  revocationListSign: 0x02,
} as const;

const MAX_EXTENSIONS = 16;
/** RFC 5280, 4.1.2.2, and one byte for the sign. */
const MAX_SERIAL_BYTES = 21;

const UNDERSTOOD_EXTENSIONS = new Set<string>([OID.keyUsage, OID.basicConstraints]);

const NOT_DISTINGUISHED = 'is not one certificate in distinguished encoding (DER)';

/**
 * Reads a certificate.
 * @param der any bytes
 * @returns the fields, or what is wrong, as the end of a sentence that begins with `the certificate`. A critical
 *   extension that nobody here understands is wrong, too (RFC 5280, 4.2).
 */
export function readCertificateFields(der: Uint8Array): Result<CertificateFields> {
  const [signedPart, outerAlgorithm, signature, ...more] = derSequence(der);
  if (signature?.tag !== TAG.bitString || signature.content[0] !== 0 || more.length > 0) {
    return failure(NOT_DISTINGUISHED);
  }
  const items = derInside(signedPart, TAG.sequence);
  const version = items[0]?.tag === TAG.context0 ? readVersion(items[0]) : 1;
  if (version === undefined) return failure('has a version that is not 1 to 3');
  const [serial, algorithm, issuer, validity, subject, key, ...rest] = items.slice(version === 1 ? 0 : 1);
  if (subject?.tag !== TAG.sequence || issuer?.tag !== TAG.sequence || key?.tag !== TAG.sequence) {
    return failure(NOT_DISTINGUISHED);
  }
  const serialFault = faultOfSerial(serial);
  if (serialFault !== undefined) return failure(serialFault);
  if (!equalBytes(algorithm!.encoded, outerAlgorithm!.encoded)) {
    return failure('names two different signature algorithms');
  }
  const signatureAlgorithm = readSignatureAlgorithm(algorithm!);
  if (signatureAlgorithm === undefined) return failure('has no readable signature algorithm');
  const period = derInside(validity, TAG.sequence);
  const notBeforeMs = readTime(period[0]);
  const notAfterMs = readTime(period[1]);
  if (notBeforeMs === undefined || notAfterMs === undefined || period.length !== 2) {
    return failure('has dates that are none');
  }
  const extensions = readExtensions(rest, version);
  if (!extensions.ok) return extensions;
  return success({
    signedPart: signedPart!.encoded,
    signature: signature.content.subarray(1),
    signatureAlgorithm,
    serialNumber: serial!.content,
    issuer: issuer.encoded,
    subject: subject.encoded,
    notBeforeMs,
    notAfterMs,
    subjectPublicKeyInfo: key.encoded,
    ...extensions.value,
  });
}

/** Version 1 is the default and not written. */
function readVersion(item: DerItem): 2 | 3 | undefined {
  const [number, ...more] = derInside(item, TAG.context0);
  if (number?.tag !== TAG.integer || number.content.length !== 1 || more.length > 0) return undefined;
  return number.content[0] === 1 ? 2 : number.content[0] === 2 ? 3 : undefined;
}

function faultOfSerial(item: DerItem | undefined): string | undefined {
  const [first, second] = item?.tag === TAG.integer ? item.content : [];
  if (first === undefined || item!.content.length > MAX_SERIAL_BYTES) return 'has no serial number of 1 to 20 bytes';
  if (first >= 0x80) return 'has a negative serial number';
  return first === 0 && second !== undefined && second < 0x80
    ? 'has a serial number with superfluous zeros'
    : undefined;
}

function readSignatureAlgorithm(item: DerItem): string | undefined {
  const [type, parameters, ...more] = derInside(item, TAG.sequence);
  const id = readObjectIdentifier(type);
  // SM2 has no parameters; some write the absence as NULL.
  if (id === OID.sm2WithSm3 && parameters !== undefined) {
    if (parameters.tag !== TAG.null || parameters.content.length > 0) return undefined;
  }
  return more.length === 0 ? id : undefined;
}

type Extensions = Pick<CertificateFields, 'isAuthority' | 'pathLength' | 'keyUsage'>;

/** @param rest what follows the public key: two obsolete identifiers ([1], [2]), which nobody may use, then [3] */
function readExtensions(rest: readonly DerItem[], version: number): Result<Extensions> {
  const values = new Map<string, Uint8Array>();
  if (rest.length > 0) {
    const list = rest.length === 1 && rest[0]!.tag === TAG.context3 ? derItems(rest[0]!.content) : undefined;
    const items = list?.length === 1 && list[0]!.tag === TAG.sequence ? derItems(list[0]!.content) : undefined;
    if (items === undefined) return failure(NOT_DISTINGUISHED);
    if (version !== 3) return failure('has extensions, which only version 3 has');
    if (items.length > MAX_EXTENSIONS) return failure(`has more than ${MAX_EXTENSIONS} extensions`);
    for (const item of items) {
      const extension = readExtension(item);
      if (extension === undefined) return failure('has an unreadable extension');
      const name = dottedIdentifier(extension.id);
      if (values.has(extension.id)) return failure(`has the extension ${name} twice`);
      if (extension.critical && !UNDERSTOOD_EXTENSIONS.has(extension.id)) {
        return failure(`has the critical extension ${name}, which is unknown here`);
      }
      values.set(extension.id, extension.value);
    }
  }
  const constraints = readBasicConstraints(values.get(OID.basicConstraints));
  if (constraints === undefined) return failure('has unreadable basic constraints');
  const usage = values.get(OID.keyUsage);
  const keyUsage = usage === undefined ? undefined : readKeyUsage(usage);
  if (usage !== undefined && keyUsage === undefined) return failure('has an unreadable key usage');
  return success({ ...constraints, keyUsage });
}

function readExtension(item: DerItem): { id: string; critical: boolean; value: Uint8Array } | undefined {
  const parts = derInside(item, TAG.sequence);
  const id = readObjectIdentifier(parts[0]);
  if (id === undefined || parts.length < 2 || parts.length > 3) return undefined;
  const flag = parts.length === 3 ? parts[1]! : undefined;
  // A default value is not encoded in DER, so the flag can only be true.
  if (flag !== undefined && (flag.tag !== TAG.boolean || toHex(flag.content) !== 'ff')) return undefined;
  const value = parts.at(-1)!;
  return value.tag === TAG.octetString ? { id, critical: flag !== undefined, value: value.content } : undefined;
}

function readBasicConstraints(
  value: Uint8Array | undefined,
): Pick<Extensions, 'isAuthority' | 'pathLength'> | undefined {
  if (value === undefined) return { isAuthority: false, pathLength: undefined };
  const outer = derItems(value);
  const parts = outer?.length === 1 && outer[0]!.tag === TAG.sequence ? derItems(outer[0]!.content) : undefined;
  if (parts === undefined) return undefined;
  if (parts.length === 0) return { isAuthority: false, pathLength: undefined };
  const [authority, pathLength] = parts;
  // CA:FALSE is the default, but OpenSSL's users do get it encoded now and then: it says what it says.
  if (authority!.tag !== TAG.boolean || authority!.content.length !== 1 || parts.length > 2) return undefined;
  const isAuthority = authority!.content[0] === 0xff;
  if (!isAuthority && authority!.content[0] !== 0) return undefined;
  if (pathLength === undefined) return { isAuthority, pathLength: undefined };
  if (pathLength.tag !== TAG.integer || pathLength.content.length !== 1 || pathLength.content[0]! > 0x7f) {
    return undefined;
  }
  return { isAuthority, pathLength: pathLength.content[0]! };
}

function readKeyUsage(value: Uint8Array): number | undefined {
  const parts = derItems(value);
  const bits = parts?.length === 1 ? parts[0]! : undefined;
  if (bits?.tag !== TAG.bitString || bits.content.length < 1 || bits.content.length > 3) return undefined;
  return bits.content[1] ?? 0;
}
