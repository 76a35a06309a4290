import { toHex, utf8Text } from '@menglian/base/bytes';
import { readDerElements, readDerSequence, TAG } from './der.js';

export interface DistinguishedName {
  readonly commonName: string;
  readonly organizationalUnits: readonly string[];
}

/** Upper bounds of X.520 for the common name and the organizational unit. */
const MAX_NAME_CHARACTERS = 64;
const MAX_UNITS = 8;

const ATTRIBUTE = { commonName: '550403', organizationalUnit: '55040b' } as const;

/**
 * Reads the two attributes that name a node and its agency. They go to logs and answers, so control characters, other
 * encodings than text of today, and a second common name are refused.
 * @param encoded the Name of RFC 5280 as DER
 */
export function readDistinguishedName(encoded: Uint8Array): DistinguishedName | undefined {
  const relativeNames = readDerSequence(encoded);
  if (relativeNames === undefined) return undefined;
  let commonName: string | undefined;
  const organizationalUnits: string[] = [];
  for (const relativeName of relativeNames) {
    const attributes = relativeName.tag === TAG.set ? readDerElements(relativeName.content) : undefined;
    if (attributes === undefined) return undefined;
    for (const attribute of attributes) {
      const parts = attribute.tag === TAG.sequence ? readDerElements(attribute.content) : undefined;
      if (parts?.length !== 2 || parts[0]!.tag !== TAG.objectIdentifier) return undefined;
      const type = toHex(parts[0]!.content);
      if (type !== ATTRIBUTE.commonName && type !== ATTRIBUTE.organizationalUnit) continue;
      const text = readText(parts[1]!.tag, parts[1]!.content);
      if (text === undefined) return undefined;
      if (type === ATTRIBUTE.organizationalUnit) {
        if (organizationalUnits.push(text) > MAX_UNITS) return undefined;
      } else {
        if (commonName !== undefined) return undefined;
        commonName = text;
      }
    }
  }
  return commonName === undefined ? undefined : { commonName, organizationalUnits };
}

function readText(tag: number, content: Uint8Array): string | undefined {
  if (tag !== TAG.utf8String && tag !== TAG.printableString && tag !== TAG.ia5String) return undefined;
  const text = utf8Text(content);
  if (text.length === 0 || text.length > MAX_NAME_CHARACTERS) return undefined;
  // U+FFFD stands for bytes that are not UTF-8.
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/u.test(text) ? undefined : text;
}
