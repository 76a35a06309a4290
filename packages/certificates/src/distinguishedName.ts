import { utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { derElement, derItems } from '@menglian/crypto/der';
import { objectIdentifier, OID, readObjectIdentifier, TAG } from './asn1.js';

export interface DistinguishedName {
  readonly commonName: string;
  readonly organizationalUnits: readonly string[];
}

/** Upper bounds of X.520 for the common name and the organizational unit. */
const MAX_NAME_CHARACTERS = 64;
const MAX_UNITS = 8;

/** The organization of all certificates that 2.x's tools make. */
const ORGANIZATION = 'fisco-bcos';

/**
 * Reads the two attributes that name a node and its agency. They go to logs and answers, so control characters, other
 * encodings than text of today, and a second common name are refused.
 * @param encoded the Name of RFC 5280 as DER
 */
export function readDistinguishedName(encoded: Uint8Array): DistinguishedName | undefined {
  const outer = derItems(encoded);
  const relativeNames = outer?.length === 1 && outer[0]!.tag === TAG.sequence ? derItems(outer[0]!.content) : undefined;
  if (relativeNames === undefined) return undefined;
  let commonName: string | undefined;
  const organizationalUnits: string[] = [];
  for (const relativeName of relativeNames) {
    const attributes = relativeName.tag === TAG.set ? derItems(relativeName.content) : undefined;
    if (attributes === undefined) return undefined;
    for (const attribute of attributes) {
      const parts = attribute.tag === TAG.sequence ? derItems(attribute.content) : undefined;
      const type = readObjectIdentifier(parts?.[0]);
      if (parts?.length !== 2 || type === undefined) return undefined;
      if (type !== OID.commonName && type !== OID.organizationalUnit) continue;
      const text = readText(parts[1]!.tag, parts[1]!.content);
      if (text === undefined) return undefined;
      if (type === OID.organizationalUnit) {
        if (organizationalUnits.push(text) > MAX_UNITS) return undefined;
      } else {
        if (commonName !== undefined) return undefined;
        commonName = text;
      }
    }
  }
  return commonName === undefined ? undefined : { commonName, organizationalUnits };
}

/** CN, O, OU in this order and as UTF-8, as the original's tools write them. */
export function distinguishedName(commonName: string, organizationalUnit: string): Uint8Array {
  const attributes: readonly (readonly [type: string, text: string])[] = [
    [OID.commonName, commonName],
    [OID.organization, ORGANIZATION],
    [OID.organizationalUnit, organizationalUnit],
  ];
  const relativeNames = attributes.map(([type, text]) => {
    const value = derElement(TAG.utf8String, utf8Bytes(text));
    return derElement(TAG.set, derElement(TAG.sequence, objectIdentifier(type), value));
  });
  return derElement(TAG.sequence, ...relativeNames);
}

function readText(tag: number, content: Uint8Array): string | undefined {
  if (tag !== TAG.utf8String && tag !== TAG.printableString && tag !== TAG.ia5String) return undefined;
  const text = utf8Text(content);
  if (text.length === 0 || text.length > MAX_NAME_CHARACTERS) return undefined;
  // U+FFFD stands for bytes that are not UTF-8.
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/u.test(text) ? undefined : text;
}
