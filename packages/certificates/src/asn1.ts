/** What X.509 adds to the DER of keys and signatures (`crypto`): tags, and object identifiers as hexadecimal content. */
import { fromHex, toHex } from '@menglian/base/bytes';
import { derElement, DerTag, type DerItem } from '@menglian/crypto/der';

export const TAG = {
  ...DerTag,
  boolean: 0x01,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  context3: 0xa3,
} as const;

export const OID = {
  commonName: '550403',
  organization: '55040a',
  organizationalUnit: '55040b',
  keyUsage: '551d0f',
  basicConstraints: '551d13',
  subjectKeyIdentifier: '551d0e',
  authorityKeyIdentifier: '551d23',
  ellipticCurveKey: '2a8648ce3d0201',
  rsaKey: '2a864886f70d010101',
  ed25519Key: '2b6570',
  ed448Key: '2b6571',
  secp256k1: '2b8104000a',
  prime256v1: '2a8648ce3d030107',
  secp384r1: '2b81040022',
  secp521r1: '2b81040023',
  /** 1.2.156.10197.1.301 */
  sm2: '2a811ccf5501822d',
  /** 1.2.156.10197.1.501 */
  sm2WithSm3: '2a811ccf55018375',
  ecdsaWithSha256: '2a8648ce3d040302',
  rsaWithSha256: '2a864886f70d01010b',
} as const;

export function objectIdentifier(hex: string): Uint8Array {
  return derElement(TAG.objectIdentifier, fromHex(hex));
}

/** @returns the hexadecimal content of an object identifier, or undefined for anything else */
export function readObjectIdentifier(item: DerItem | undefined): string | undefined {
  return item?.tag === TAG.objectIdentifier ? toHex(item.content) : undefined;
}

/** `2.5.29.15` for people; what is no identifier becomes its hexadecimal digits. */
export function dottedIdentifier(hex: string): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of fromHex(hex)) {
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) return hex;
    if (byte >= 0x80) continue;
    if (numbers.length === 0)
      numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else numbers.push(value);
    value = 0;
  }
  return numbers.length === 0 ? hex : numbers.join('.');
}
