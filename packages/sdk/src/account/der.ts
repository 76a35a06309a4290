/** Just enough of DER (ITU-T X.690) to find keys in PKCS#8, SEC 1 and PKCS#12. Pure; takes any bytes. */

export interface DerItem {
  /** The identifier octet: class, form and number. */
  readonly tag: number;
  readonly content: Uint8Array;
}

export const DerTag = {
  integer: 0x02,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
} as const;

/** Items of one level. A key file has a few, a PKCS#12 with certificates some dozens. */
const ITEMS_MAX = 1000;

/** @returns the items one after another, or undefined when the bytes are not DER */
export function derItems(bytes: Uint8Array): DerItem[] | undefined {
  const items: DerItem[] = [];
  let position = 0;
  while (position < bytes.length) {
    if (items.length >= ITEMS_MAX) return undefined;
    const tag = bytes[position]!;
    const length = readLength(bytes, position + 1);
    if (length === undefined || length.value > bytes.length - length.end) return undefined;
    position = length.end + length.value;
    items.push({ tag, content: bytes.subarray(length.end, position) });
  }
  return items;
}

/** The items inside of `item`, when it is there and has this tag. */
export function derInside(item: DerItem | undefined, tag: number): DerItem[] {
  return item?.tag === tag ? (derItems(item.content) ?? []) : [];
}

/** A length of at most four bytes. */
function readLength(bytes: Uint8Array, position: number): { value: number; end: number } | undefined {
  const first = bytes[position];
  if (first === undefined) return undefined;
  if (first < 0x80) return { value: first, end: position + 1 };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || position + 1 + count > bytes.length) return undefined;
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + bytes[position + 1 + i]!;
  return { value, end: position + 1 + count };
}
