/**
 * Reads the distinguished encoding of ASN.1 (X.690) as far as certificates need it: definite lengths in the shortest
 * form, one-byte tags. Nothing is copied or allocated by a length that came from outside.
 */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export interface DerElement {
  readonly tag: number;
  /** Tag, length and content: what is signed or compared. */
  readonly encoded: Uint8Array;
  readonly content: Uint8Array;
}

/** More elements than any structure of a certificate holds in a row. */
const MAX_ELEMENTS = 64;

/** The elements that fill `bytes` one after the other, or undefined when they do not fill it exactly. */
export function readDerElements(bytes: Uint8Array): DerElement[] | undefined {
  const elements: DerElement[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (elements.length === MAX_ELEMENTS) return undefined;
    const element = readElement(bytes, offset);
    if (element === undefined) return undefined;
    elements.push(element);
    offset += element.encoded.length;
  }
  return elements;
}

/** The elements inside one constructed element that fills `bytes`. */
export function readDerSequence(bytes: Uint8Array, tag: number = TAG.sequence): DerElement[] | undefined {
  const element = readElement(bytes, 0);
  if (element === undefined || element.tag !== tag || element.encoded.length !== bytes.length) return undefined;
  return readDerElements(element.content);
}

function readElement(bytes: Uint8Array, start: number): DerElement | undefined {
  const tag = bytes[start];
  const first = bytes[start + 1];
  // The low five bits all set would announce a tag of several bytes; certificates have none.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  let contentStart = start + 2;
  let length = first;
  if (first >= 0x80) {
    const lengthBytes = first - 0x80;
    // 0 would be the indefinite form of BER; three bytes are 16 MB and thus always too many.
    if (lengthBytes < 1 || lengthBytes > 2 || contentStart + lengthBytes > bytes.length) return undefined;
    length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + bytes[contentStart + i]!;
    if (length < (lengthBytes === 1 ? 0x80 : 0x100)) return undefined;
    contentStart += lengthBytes;
  }
  const end = contentStart + length;
  if (end > bytes.length) return undefined;
  return { tag, encoded: bytes.subarray(start, end), content: bytes.subarray(contentStart, end) };
}
