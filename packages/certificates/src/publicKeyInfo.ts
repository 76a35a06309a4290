/** SubjectPublicKeyInfo (RFC 5280, 4.1.2.7): what kind of key a certificate or a key file holds. */
import { concatBytes, fromHex } from '@menglian/base/bytes';
import { derElement, derSequence, type DerItem } from '@menglian/crypto/der';
import { objectIdentifier, OID, readObjectIdentifier, TAG } from './asn1.js';

/** The algorithms that nodes have keys for. */
export type NodeKeyAlgorithm = 'secp256k1' | 'sm2';

export interface PublicKeyInfo {
  /** For people, too: `sm2`, `secp256k1`, `prime256v1`, `RSA`, `Ed25519`, or `unknown`. */
  readonly kind: string;
  /** X ‖ Y, 64 bytes, of an uncompressed point on secp256k1 or sm2; whether it is on the curve is not checked here. */
  readonly point: Uint8Array | undefined;
}

const CURVES: Readonly<Record<string, string>> = {
  [OID.secp256k1]: 'secp256k1',
  [OID.sm2]: 'sm2',
  [OID.prime256v1]: 'prime256v1',
  [OID.secp384r1]: 'secp384r1',
  [OID.secp521r1]: 'secp521r1',
};

const OTHERS: Readonly<Record<string, string>> = {
  [OID.rsaKey]: 'RSA',
  [OID.ed25519Key]: 'Ed25519',
  [OID.ed448Key]: 'Ed448',
};

const POINT_BYTES = 64;

/** @param encoded any bytes */
export function readPublicKeyInfo(encoded: Uint8Array): PublicKeyInfo {
  const [algorithm, key, ...rest] = derSequence(encoded);
  if (algorithm === undefined || rest.length > 0) return { kind: 'unknown', point: undefined };
  const kind = readKeyAlgorithm(algorithm);
  if ((kind !== 'sm2' && kind !== 'secp256k1') || key?.tag !== TAG.bitString) return { kind, point: undefined };
  // No unused bits, and 04 for an uncompressed point.
  const isPoint = key.content.length === 2 + POINT_BYTES && key.content[0] === 0 && key.content[1] === 4;
  return { kind, point: isPoint ? key.content.subarray(2) : undefined };
}

/** @param algorithm AlgorithmIdentifier of a key. @returns see `PublicKeyInfo.kind` */
export function readKeyAlgorithm(algorithm: DerItem): string {
  const [type, parameters, ...rest] = derSequence(algorithm.encoded);
  const id = readObjectIdentifier(type) ?? '';
  if (id !== OID.ellipticCurveKey) return OTHERS[id] ?? 'unknown';
  return rest.length === 0 ? curveName(readObjectIdentifier(parameters)) : 'unknown';
}

/** @param id object identifier of a named curve; undefined where parameters are spelled out */
export function curveName(id: string | undefined): string {
  return CURVES[id ?? ''] ?? 'unknown';
}

/** AlgorithmIdentifier of a key on a named curve. */
export function keyAlgorithm(algorithm: NodeKeyAlgorithm): Uint8Array {
  return derElement(TAG.sequence, objectIdentifier(OID.ellipticCurveKey), objectIdentifier(OID[algorithm]));
}

/** @param point 64 bytes X ‖ Y */
export function publicKeyInfo(algorithm: NodeKeyAlgorithm, point: Uint8Array): Uint8Array {
  return derElement(
    TAG.sequence,
    keyAlgorithm(algorithm),
    derElement(TAG.bitString, concatBytes(fromHex('0004'), point)),
  );
}
