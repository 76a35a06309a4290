/** Text of call data as byte strings, read the way 2.x reads it: in the C locale, whatever the machine's. */

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** Enough for any int64 with a few leading zeros; keeps the conversion of hostile text linear. */
const MAX_INT64_TEXT = 64;
const MAX_UINT256_DIGITS = 78;

/** A whole int64 in decimal: an optional sign and digits, leading zeros allowed, no spaces. */
export function parseInt64(text: string): bigint | undefined {
  if (text.length > MAX_INT64_TEXT || !/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

/** Decimal digits up to 2^256 - 1. */
export function parseUint256(text: string): bigint | undefined {
  if (text.length > MAX_UINT256_DIGITS || !/^[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < 2n ** 256n ? value : undefined;
}

/** Letters A to Z only: bytes above 127 are left alone. */
export function toLowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Without white space at both ends: space, tab, line feed, vertical tab, form feed, carriage return. */
export function trimAscii(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Hexadecimal digits of either case, any number of them, even none, after an optional 0x. */
export function isHexText(text: string): boolean {
  return /^(?:0x)?[0-9a-fA-F]*$/.test(text);
}
