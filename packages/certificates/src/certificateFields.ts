/** The fields of an X.509 certificate (RFC 5280, 4.1) that decide whether a node is let in. */
import { equalBytes, toHex } from '@menglian/base/bytes';
import { readDerElements, readDerSequence, TAG, type DerElement } from './der.js';

export interface CertificateFields {
  /** The algorithm inside the signed part; the one outside it is the same. Object identifier, hexadecimal. */
  readonly signatureAlgorithm: string;
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

export const KEY_USAGE_DIGITAL_SIGNATURE = 0x80;
export const KEY_USAGE_CERTIFICATE_SIGN = 0x04;

const MAX_EXTENSIONS = 16;

const KEY_USAGE = '551d0f';
const BASIC_CONSTRAINTS = '551d13';
const UNDERSTOOD_EXTENSIONS = new Set([KEY_USAGE, BASIC_CONSTRAINTS]);

/**
 * Reads a certificate.
 * @returns undefined for anything that is not one certificate in distinguished encoding, or that has a critical
 *   extension nobody here understands (RFC 5280, 4.2: such a certificate must be refused)
 */
export function readCertificateFields(der: Uint8Array): CertificateFields | undefined {
  const parts = readDerSequence(der);
  if (parts === undefined || parts.length !== 3) return undefined;
  const [signedPart, outerAlgorithm, signature] = parts;
  if (signature!.tag !== TAG.bitString) return undefined;
  const fields = signedPart!.tag === TAG.sequence ? readDerElements(signedPart!.content) : undefined;
  if (fields === undefined) return undefined;

  const hasVersion = fields[0]?.tag === 0xa0;
  const [serial, algorithm, issuer, validity, subject, key, ...rest] = fields.slice(hasVersion ? 1 : 0);
  if (serial?.tag !== TAG.integer || subject?.tag !== TAG.sequence || issuer?.tag !== TAG.sequence) return undefined;
  if (algorithm === undefined || !equalBytes(algorithm.encoded, outerAlgorithm!.encoded)) return undefined;
  const algorithmId = readDerSequence(algorithm.encoded)?.[0];
  if (algorithmId?.tag !== TAG.objectIdentifier || key?.tag !== TAG.sequence) return undefined;
  const period = validity === undefined ? undefined : readDerSequence(validity.encoded);
  const notBeforeMs = readTime(period?.[0]);
  const notAfterMs = readTime(period?.[1]);
  if (notBeforeMs === undefined || notAfterMs === undefined || period?.length !== 2) return undefined;
  const extensions = readExtensions(rest);
  if (extensions === undefined) return undefined;

  return {
    signatureAlgorithm: toHex(algorithmId.content),
    issuer: issuer.encoded,
    subject: subject.encoded,
    notBeforeMs,
    notAfterMs,
    subjectPublicKeyInfo: key.encoded,
    ...extensions,
  };
}

type Extensions = Pick<CertificateFields, 'isAuthority' | 'pathLength' | 'keyUsage'>;

/** @param rest what follows the public key: two obsolete identifiers ([1], [2]), which nobody may use, then [3] */
function readExtensions(rest: readonly DerElement[]): Extensions | undefined {
  const values = new Map<string, Uint8Array>();
  if (rest.length > 0) {
    const list = rest.length === 1 && rest[0]!.tag === 0xa3 ? readDerSequence(rest[0]!.content) : undefined;
    if (list === undefined || list.length > MAX_EXTENSIONS) return undefined;
    for (const entry of list) {
      const extension = readExtension(entry);
      if (extension === undefined || values.has(extension.id)) return undefined;
      if (extension.critical && !UNDERSTOOD_EXTENSIONS.has(extension.id)) return undefined;
      values.set(extension.id, extension.value);
    }
  }
  const constraints = readBasicConstraints(values.get(BASIC_CONSTRAINTS));
  const usage = values.get(KEY_USAGE);
  const keyUsage = usage === undefined ? undefined : readKeyUsage(usage);
  if (constraints === undefined || (usage !== undefined && keyUsage === undefined)) return undefined;
  return { ...constraints, keyUsage };
}

function readExtension(entry: DerElement): { id: string; critical: boolean; value: Uint8Array } | undefined {
  const parts = entry.tag === TAG.sequence ? readDerElements(entry.content) : undefined;
  if (parts === undefined || parts[0]?.tag !== TAG.objectIdentifier) return undefined;
  const flag = parts.length === 3 ? parts[1]! : undefined;
  // A default value is not encoded in DER, so the flag can only be true.
  if (flag !== undefined && (flag.tag !== TAG.boolean || toHex(flag.content) !== 'ff')) return undefined;
  const value = parts[parts.length - 1]!;
  if (parts.length < 2 || parts.length > 3 || value.tag !== TAG.octetString) return undefined;
  return { id: toHex(parts[0].content), critical: flag !== undefined, value: value.content };
}

function readBasicConstraints(
  value: Uint8Array | undefined,
): Pick<Extensions, 'isAuthority' | 'pathLength'> | undefined {
  if (value === undefined) return { isAuthority: false, pathLength: undefined };
  const parts = readDerSequence(value);
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
  const parts = readDerElements(value);
  const bits = parts?.length === 1 ? parts[0]! : undefined;
  if (bits?.tag !== TAG.bitString || bits.content.length < 1 || bits.content.length > 3) return undefined;
  return bits.content[1] ?? 0;
}

/** UTCTime for years up to 2049, GeneralizedTime from 2050, both to the second and in UTC (RFC 5280, 4.1.2.5). */
function readTime(element: DerElement | undefined): number | undefined {
  if (element?.tag !== TAG.utcTime && element?.tag !== TAG.generalizedTime) return undefined;
  const text = String.fromCharCode(...element.content.subarray(0, 16));
  const pattern = element.tag === TAG.utcTime ? /^\d{12}Z$/ : /^\d{14}Z$/;
  if (!pattern.test(text) || text.length !== element.content.length) return undefined;
  const century = Number(text.slice(0, 2)) >= 50 ? '19' : '20';
  const digits = element.tag === TAG.utcTime ? century + text : text;
  const [date, clock] = [digits.slice(0, 8), digits.slice(8, 14)];
  const iso = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4)}`;
  const time = Date.parse(`${iso}.000Z`);
  // A month of 13 is no time, and a 31st of April would roll over silently.
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(iso) ? undefined : time;
}
