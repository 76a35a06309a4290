/** Private keys of both families as files hold them: PKCS#8 (RFC 5208) around SEC 1 (RFC 5915). */
import { concatBytes, equalBytes, fromHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { derElement, derInside, derInteger, type DerItem, derItems, DerTag, derUnsigned } from './der.js';

export type KeyCurve = 'secp256k1' | 'sm2';

const KEY_BYTES = 32;
const PUBLIC_KEY_BYTES = 64;

/** id-ecPublicKey, 1.2.840.10045.2.1 */
const EC_PUBLIC_KEY = fromHex('2a8648ce3d0201');

/** 1.3.132.0.10 and 1.2.156.10197.1.301 */
const CURVES: Readonly<Record<KeyCurve, Uint8Array>> = {
  secp256k1: fromHex('2b8104000a'),
  sm2: fromHex('2a811ccf5501822d'),
};

/**
 * @param privateKey 32 bytes
 * @param publicKey 64 bytes X ‖ Y; most readers do without, some Java programs do not
 * @returns PrivateKeyInfo, in DER
 */
export function pkcs8OfKey(curve: KeyCurve, privateKey: Uint8Array, publicKey?: Uint8Array): Uint8Array {
  invariant(privateKey.length === KEY_BYTES, 'crypto/private-key');
  invariant(publicKey === undefined || publicKey.length === PUBLIC_KEY_BYTES, 'crypto/public-key');
  const parts = [derInteger(1n), derElement(DerTag.octetString, privateKey)];
  if (publicKey !== undefined) {
    // No unused bits, and the point is not compressed.
    const point = derElement(DerTag.bitString, Uint8Array.of(0, 4), publicKey);
    parts.push(derElement(DerTag.context1, point));
  }
  const algorithm = derElement(
    DerTag.sequence,
    derElement(DerTag.objectIdentifier, EC_PUBLIC_KEY),
    derElement(DerTag.objectIdentifier, CURVES[curve]),
  );
  const sec1 = derElement(DerTag.sequence, ...parts);
  return derElement(DerTag.sequence, derInteger(0n), algorithm, derElement(DerTag.octetString, sec1));
}

/** @returns 32 bytes, not checked to be in range, or undefined when this is no key on that curve */
export function keyOfPkcs8(der: Uint8Array, curve: KeyCurve): Uint8Array | undefined {
  const [version, algorithm, octets] = derInside(only(der), DerTag.sequence);
  const [kind, parameters] = derInside(algorithm, DerTag.sequence);
  if (derUnsigned(version) === undefined || octets?.tag !== DerTag.octetString) return undefined;
  if (!isIdentifier(kind, EC_PUBLIC_KEY) || !isIdentifier(parameters, CURVES[curve])) return undefined;
  return keyInside(octets.content, curve, false);
}

/** Like `keyOfPkcs8` for ECPrivateKey alone, which must name its curve. */
export function keyOfSec1(der: Uint8Array, curve: KeyCurve): Uint8Array | undefined {
  return keyInside(der, curve, true);
}

function keyInside(der: Uint8Array, curve: KeyCurve, mustNameCurve: boolean): Uint8Array | undefined {
  const [version, key, ...optional] = derInside(only(der), DerTag.sequence);
  if (derUnsigned(version)?.[0] !== 1 || key?.tag !== DerTag.octetString || key.content.length > KEY_BYTES) {
    return undefined;
  }
  const parameters = optional.find(({ tag }) => tag === DerTag.context0);
  if (parameters === undefined ? mustNameCurve : !isIdentifier(only(parameters.content), CURVES[curve])) {
    return undefined;
  }
  // Some writers drop leading zero bytes.
  return concatBytes(new Uint8Array(KEY_BYTES - key.content.length), key.content);
}

function isIdentifier(item: DerItem | undefined, identifier: Uint8Array): boolean {
  return item?.tag === DerTag.objectIdentifier && equalBytes(item.content, identifier);
}

/** The one item that fills `der`. */
function only(der: Uint8Array): DerItem | undefined {
  const items = derItems(der);
  return items?.length === 1 ? items[0] : undefined;
}
