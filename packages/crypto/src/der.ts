/**
 * The distinguished encoding of ASN.1 (X.690) as keys, signatures and ciphertexts need it: definite lengths in their
 * shortest form, tags of one byte. Takes any bytes; nothing is copied or allocated by a length that came from outside.
 */
import { concatBytes, fromBigIntMinimal } from '@menglian/base/bytes';

export const DerTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context1: 0xa1,
} as const;

export interface DerItem {
  /** The identifier octet: class, form and number. */
  readonly tag: number;
  /** Tag, length and content: what is signed or compared. */
  readonly encoded: Uint8Array;
  readonly content: Uint8Array;
}

/** Items of one level. A key has a few, a PKCS#12 file with certificates some dozens. */
const DER_ITEMS_MAX = 1000;

/** @returns the items that fill `bytes` one after another, or undefined when they do not fill it exactly */
export function derItems(bytes: Uint8Array): DerItem[] | undefined {
  const items: DerItem[] = [];
  let position = 0;
  while (position < bytes.length) {
    if (items.length >= DER_ITEMS_MAX) return undefined;
    const tag = bytes[position]!;
    // The low five bits all set would announce a tag of several bytes; nothing read here has one.
    if ((tag & 0x1f) === 0x1f) return undefined;
    const length = readLength(bytes, position + 1);
    if (length === undefined || length.value > bytes.length - length.end) return undefined;
    const end = length.end + length.value;
    items.push({ tag, encoded: bytes.subarray(position, end), content: bytes.subarray(length.end, end) });
    position = end;
  }
  return items;
}

/** The items inside of `item`; none when it is missing, has another tag or does not hold whole items. */
export function derInside(item: DerItem | undefined, tag: number): DerItem[] {
  return item?.tag === tag ? (derItems(item.content) ?? []) : [];
}

/** The items of one SEQUENCE that fills `bytes`; none when it is anything else. */
export function derSequence(bytes: Uint8Array): DerItem[] {
  const items = derItems(bytes);
  return items?.length === 1 ? derInside(items[0], DerTag.sequence) : [];
}

/** @returns the value of an INTEGER that is not negative and in its shortest form, without a leading zero byte */
export function derUnsigned(item: DerItem | undefined): Uint8Array | undefined {
  if (item?.tag !== DerTag.integer) return undefined;
  const [first, second] = item.content;
  if (first === undefined || first >= 0x80) return undefined;
  if (first !== 0) return item.content;
  if (second === undefined) return item.content.subarray(1);
  return second >= 0x80 ? item.content.subarray(1) : undefined;
}

export function derElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  return concatBytes(Uint8Array.of(tag), lengthBytes(length), ...contents);
}

/** An INTEGER that is not negative. */
export function derInteger(value: bigint): Uint8Array {
  const bytes = fromBigIntMinimal(value);
  const needsZero = bytes.length === 0 || bytes[0]! >= 0x80;
  return derElement(DerTag.integer, needsZero ? concatBytes(Uint8Array.of(0), bytes) : bytes);
}

function lengthBytes(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes = fromBigIntMinimal(BigInt(length));
  return concatBytes(Uint8Array.of(0x80 | bytes.length), bytes);
}

/** A length of at most four bytes. */
function readLength(bytes: Uint8Array, position: number): { value: number; end: number } | undefined {
  const first = bytes[position];
  if (first === undefined) return undefined;
  if (first < 0x80) return { value: first, end: position + 1 };
  const count = first & 0x7f;
  const end = position + 1 + count;
  // 0 would be the indefinite form of BER.
  if (count === 0 || count > 4 || end > bytes.length) return undefined;
  let value = 0;
  for (let i = position + 1; i < end; i++) value = value * 256 + bytes[i]!;
  const isShortest = value >= 0x80 && value >= 256 ** (count - 1);
  return isShortest ? { value, end } : undefined;
}
