/** Bodies of the handshake's messages (GB/T 38636-2020, 6.4.5), and how TASSL writes them under TLS 1.2. */
import { concatBytes } from '@menglian/base/bytes';
import { ByteReader, numberBytes } from '../byteReader.js';
import { Version } from '../cipherSuites.js';
import { RANDOM_BYTES } from '../keySchedule.js';
import { CERTIFICATES_MAX } from '../limits.js';

export interface ClientHello {
  readonly version: number;
  readonly random: Uint8Array;
  /** at most 32 bytes; none when nothing is to be resumed */
  readonly sessionId: Uint8Array;
  readonly cipherSuites: readonly number[];
  /** The client can do without compression; it must. */
  readonly canLeavePlain: boolean;
  /** It knows of renegotiation_info (RFC 5746), and expects it in the answer. */
  readonly knowsRenegotiation: boolean;
  /** Curves it can agree on a secret with, in its order; none when it does not say. */
  readonly groups: readonly number[];
  /** Pairs of hash and signature that it can check; undefined when it does not say. */
  readonly signatures: readonly number[] | undefined;
}

const SESSION_ID_BYTES_MAX = 32;
const SIGNALLING_SUITE = 0x00ff;
const Extension = { supportedGroups: 10, signatureAlgorithms: 13, renegotiationInfo: 0xff01 } as const;
const NAMED_CURVE = 3;
const UNCOMPRESSED = 4;
/** CertificateRequest: certificates for ECDSA, which stands for SM2. */
const CERTIFICATE_TYPE = 64;
/** TLS 1.2 says with every signature how it was made: TASSL's number of SM3, and ECDSA's standing for SM2. */
export const TASSL_SIGNATURE = 0x0703;

/** @returns undefined for what is no ClientHello; renegotiation within another handshake is none either */
export function parseClientHello(body: Uint8Array): ClientHello | undefined {
  const reader = new ByteReader(body);
  const version = reader.number(2);
  const random = reader.bytes(RANDOM_BYTES);
  const sessionId = reader.vector(1);
  const suites = parseNumbers(reader.vector(2));
  const compressions = reader.vector(1);
  const hasExtensions = reader.remaining > 0;
  const extensions = parseExtensions(hasExtensions ? reader.vector(2) : new Uint8Array(0));
  if (!reader.isExhausted || suites === undefined || extensions === undefined) return undefined;
  if (suites.length === 0 || sessionId.length > SESSION_ID_BYTES_MAX || compressions.length === 0) return undefined;

  const renegotiation = extensions.get(Extension.renegotiationInfo);
  // One zero byte: nothing before this handshake to bind it to.
  if (renegotiation !== undefined && (renegotiation.length !== 1 || renegotiation[0] !== 0)) return undefined;
  const groups = parseList(extensions.get(Extension.supportedGroups));
  const signatures = parseList(extensions.get(Extension.signatureAlgorithms));
  if (groups === 'malformed' || signatures === 'malformed') return undefined;
  return {
    version,
    random,
    sessionId,
    cipherSuites: suites,
    canLeavePlain: compressions.includes(0),
    knowsRenegotiation: renegotiation !== undefined || suites.includes(SIGNALLING_SUITE),
    groups: groups ?? [],
    signatures,
  };
}

function parseExtensions(bytes: Uint8Array): Map<number, Uint8Array> | undefined {
  const reader = new ByteReader(bytes);
  const extensions = new Map<number, Uint8Array>();
  while (reader.remaining > 0) {
    const type = reader.number(2);
    const content = reader.vector(2);
    if (extensions.has(type)) return undefined;
    extensions.set(type, content);
  }
  return reader.isExhausted ? extensions : undefined;
}

function parseList(extension: Uint8Array | undefined): number[] | 'malformed' | undefined {
  if (extension === undefined) return undefined;
  const reader = new ByteReader(extension);
  const numbers = parseNumbers(reader.vector(2));
  return reader.isExhausted && numbers !== undefined ? numbers : 'malformed';
}

function parseNumbers(bytes: Uint8Array): number[] | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  return Array.from({ length: bytes.length / 2 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
}

export function encodeServerHello(hello: {
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly knowsRenegotiation: boolean;
}): Uint8Array {
  const renegotiation = concatBytes(numberBytes(Extension.renegotiationInfo, 2), Uint8Array.of(0, 1, 0));
  return concatBytes(
    numberBytes(hello.version, 2),
    hello.random,
    vector(1, hello.sessionId),
    numberBytes(hello.cipherSuite, 2),
    Uint8Array.of(0),
    // Nothing at all, not an empty list, for clients that know no extensions.
    ...(hello.knowsRenegotiation ? [vector(2, renegotiation)] : []),
  );
}

/** @param certificates in DER, in the order sent */
export function encodeCertificates(certificates: readonly Uint8Array[]): Uint8Array {
  return vector(3, concatBytes(...certificates.map(certificateVector)));
}

/** @returns certificates in DER, none when the client has none; undefined for anything malformed */
export function parseCertificates(body: Uint8Array): Uint8Array[] | undefined {
  const reader = new ByteReader(body);
  const list = new ByteReader(reader.vector(3));
  const certificates: Uint8Array[] = [];
  while (list.remaining > 0) {
    const der = list.vector(3);
    if (der.length === 0 || certificates.length === CERTIFICATES_MAX) return undefined;
    certificates.push(der);
  }
  return reader.isExhausted && list.isExhausted ? certificates : undefined;
}

/** @returns a certificate with its length before it, as Certificate has it and ServerKeyExchange signs it */
export function certificateVector(der: Uint8Array): Uint8Array {
  return vector(3, der);
}

/** A point for the key exchange of SM2. @param group the client's number of the curve. @param publicKey 64 bytes */
export function encodeExchangePoint(group: number, publicKey: Uint8Array): Uint8Array {
  const point = vector(1, concatBytes(Uint8Array.of(UNCOMPRESSED), publicKey));
  return concatBytes(Uint8Array.of(NAMED_CURVE), numberBytes(group, 2), point);
}

/** @returns 64 bytes X ‖ Y, not checked to be on the curve. The group is not compared: there is one curve */
export function parseExchangePoint(body: Uint8Array): Uint8Array | undefined {
  const reader = new ByteReader(body);
  // The standard has a length before the parameters, TASSL leaves it out; a length of 3 in its place names no point.
  const inner = body[0] === NAMED_CURVE ? reader : new ByteReader(reader.vector(2));
  const isNamed = inner.number(1) === NAMED_CURVE;
  inner.number(2);
  const point = inner.vector(1);
  if (!reader.isExhausted || !inner.isExhausted || !isNamed) return undefined;
  return point.length === 65 && point[0] === UNCOMPRESSED ? point.subarray(1) : undefined;
}

/** @returns the secret as it was encrypted */
export function parseEncryptedSecret(body: Uint8Array): Uint8Array | undefined {
  const reader = new ByteReader(body);
  const secret = reader.vector(2);
  return reader.isExhausted && secret.length > 0 ? secret : undefined;
}

/** @param authorities distinguished names in DER */
export function encodeCertificateRequest(version: number, authorities: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    vector(1, Uint8Array.of(CERTIFICATE_TYPE)),
    ...(version === Version.tls12 ? [vector(2, numberBytes(TASSL_SIGNATURE, 2))] : []),
    vector(2, concatBytes(...authorities.map((name) => vector(2, name)))),
  );
}

/** @param signature in DER */
export function encodeSignature(version: number, signature: Uint8Array): Uint8Array {
  return concatBytes(...(version === Version.tls12 ? [numberBytes(TASSL_SIGNATURE, 2)] : []), vector(2, signature));
}

/** @returns a signature in DER, undefined as well when it is made in a way that was not asked for */
export function parseSignature(version: number, body: Uint8Array): Uint8Array | undefined {
  const reader = new ByteReader(body);
  const isAsked = version === Version.tlcp || reader.number(2) === TASSL_SIGNATURE;
  const signature = reader.vector(2);
  return reader.isExhausted && isAsked ? signature : undefined;
}

function vector(lengthSize: 1 | 2 | 3, bytes: Uint8Array): Uint8Array {
  return concatBytes(numberBytes(bytes.length, lengthSize), bytes);
}
