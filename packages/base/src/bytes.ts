/** Byte arrays, hexadecimal text and unsigned integers. Pure: runs in a browser as it is. */

export const EMPTY_BYTES = new Uint8Array(0);

const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Character code of each hexadecimal digit. */
const DIGIT_CODES: readonly number[] = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Value of each character code that is a hexadecimal digit; -1 for all others. */
const DIGIT_VALUES = (() => {
  const table = new Int8Array(128).fill(-1);
  for (let digit = 0; digit < 10; digit++) table[48 + digit] = digit;
  for (let letter = 0; letter < 6; letter++) {
    table[65 + letter] = 10 + letter;
    table[97 + letter] = 10 + letter;
  }
  return table;
})();

/** Lower-case hexadecimal digits, two a byte, without a prefix. */
export function toHex(bytes: Uint8Array): string {
  const { length } = bytes;
  const digits = digitsOf[length];
  if (digits !== undefined) return hexInOnePiece(bytes, digits);
  let text = '';
  for (let i = 0; i < length; i++) text += HEX_PAIRS[bytes[i]!];
  return text;
}

/** Scratch of `hexInOnePiece`, by the length of addresses, hashes and keys: nothing can interrupt a synchronous function. */
const digitsOf: Readonly<Record<number, number[] | undefined>> = Object.fromEntries(
  [20, 32, 64].map((length) => [length, Array.from({ length: 2 * length }, () => 0)]),
);

/** Hashes are the keys of most maps: made in one piece they take half the time, and leave no pieces to collect. */
function hexInOnePiece(bytes: Uint8Array, digits: number[]): string {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    digits[2 * i] = DIGIT_CODES[byte >> 4]!;
    digits[2 * i + 1] = DIGIT_CODES[byte & 15]!;
  }
  return String.fromCharCode.apply(null, digits);
}

/** Like `toHex` with the prefix `0x`, the form of JSON-RPC. */
export function toPrefixedHex(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}

/**
 * Reads hexadecimal text from outside: digits of either case, an even number of them, an optional prefix `0x`.
 * @returns undefined when the text is anything else.
 */
export function parseHex(text: string): Uint8Array | undefined {
  const start = text.startsWith('0x') ? 2 : 0;
  const digits = text.length - start;
  if (digits % 2 !== 0) return undefined;
  const bytes = new Uint8Array(digits / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = digitValue(text.charCodeAt(start + 2 * i));
    const low = digitValue(text.charCodeAt(start + 2 * i + 1));
    if (high < 0 || low < 0) return undefined;
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

/** Like `parseHex` for text that our own code wrote. @throws RangeError when it is not hexadecimal. */
export function fromHex(text: string): Uint8Array {
  const bytes = parseHex(text);
  if (bytes === undefined) throw new RangeError('not hexadecimal text');
  return bytes;
}

function digitValue(charCode: number): number {
  return charCode < 128 ? DIGIT_VALUES[charCode]! : -1;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Byte order, a shorter array before a longer one that begins with it. @returns negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Unsigned big-endian integer. The empty array is 0. */
export function toBigInt(bytes: Uint8Array): bigint {
  const { length } = bytes;
  if (length <= 6) {
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + bytes[i]!;
    return BigInt(value);
  }
  if (length > 32) return BigInt(toPrefixedHex(bytes));
  // Words of 256 bits are read for every transaction and call: four limbs take a quarter of the time of text.
  limbBytes.fill(0);
  limbBytes.set(bytes, 32 - length);
  return (
    (limbs.getBigUint64(0) << 192n) |
    (limbs.getBigUint64(8) << 128n) |
    (limbs.getBigUint64(16) << 64n) |
    limbs.getBigUint64(24)
  );
}

/** Scratch of `toBigInt`: nothing can interrupt a synchronous function. */
const limbBytes = new Uint8Array(32);
const limbs = new DataView(limbBytes.buffer);

/** Unsigned big-endian bytes of exactly `length`. @throws RangeError when the value is negative or does not fit. */
export function fromBigInt(value: bigint, length: number): Uint8Array {
  if (value < 0n) throw new RangeError('negative integer');
  const digits = value.toString(16);
  if (digits.length > 2 * length) throw new RangeError(`integer does not fit ${length} bytes`);
  return fromHex(digits.padStart(2 * length, '0'));
}

/** Shortest unsigned big-endian bytes; 0 is the empty array (the integer form of RLP). */
export function fromBigIntMinimal(value: bigint): Uint8Array {
  if (value < 0n) throw new RangeError('negative integer');
  if (value === 0n) return EMPTY_BYTES;
  const digits = value.toString(16);
  return fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Reads UTF-8; bytes that are not UTF-8 become U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * A byte string: one character of code 0 to 255 for each byte. Tables and system contracts keep text in this form, so
 * that bytes that are not UTF-8 survive, lengths count bytes, and comparison is byte order.
 */
export function toByteString(bytes: Uint8Array): string {
  let text = '';
  const chunk = 8192;
  for (let start = 0; start < bytes.length; start += chunk) {
    // `apply` on the array itself is four times as fast as spreading it.
    text += String.fromCharCode.apply(null, bytes.subarray(start, start + chunk) as unknown as number[]);
  }
  return text;
}

/** Inverse of `toByteString`. @throws RangeError on a character above 255. */
export function fromByteString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new RangeError('not a byte string');
    bytes[i] = code;
  }
  return bytes;
}
