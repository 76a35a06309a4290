import { fromHex, parseHex } from '@menglian/base/bytes';
import type { Address } from '@menglian/types/address';
import { internalError, RpcFailure } from './errors.js';
import { ECHO_CHARACTERS_MAX } from './limits.js';

/** The JSON type a positional parameter must have. */
export type ParameterType = 'integer' | 'string' | 'boolean' | 'object';

export function hasType(value: unknown, type: ParameterType): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

/**
 * An object with its plain members only. No method reads deeper, and values nested without end must not travel: copying
 * them to the thread of a group needs stack for each level.
 */
export function flatObject(value: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => typeof member !== 'object'));
}

/** A caller's text as an error may repeat it. */
export function echo(text: string): string {
  return text.length > ECHO_CHARACTERS_MAX ? `${text.slice(0, ECHO_CHARACTERS_MAX)}…` : text;
}

/** Digits of the widest integer that 2.x reads: 256 bits. */
const INTEGER_CHARACTERS_MAX = 80;

/** Hexadecimal after `0x`, else decimal. @throws RpcFailure -32603 */
export function integerParameter(text: string): bigint {
  const isInteger = text.length <= INTEGER_CHARACTERS_MAX && /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text);
  if (!isInteger) {
    const advice = 'write a number as 0x and hexadecimal digits, or as decimal digits';
    throw new RpcFailure(internalError(`can't convert ${echo(text)} to int`, advice));
  }
  return BigInt(text);
}

/** @returns Infinity for numbers above every block. @throws RpcFailure -32603 */
export function blockNumberParameter(text: string): number {
  const number = integerParameter(text);
  if (number > 2n ** 63n - 1n) throw new RpcFailure(internalError(`can't convert ${echo(text)} to int`));
  return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : Number.POSITIVE_INFINITY;
}

const HASH_DIGITS = 64;

/**
 * Reads a hash as 2.x does, which never refuses one: longer than 32 bytes keeps the leftmost, digits without `0x` are a
 * decimal integer, anything else is the zero hash, which nothing has.
 */
export function hashParameter(text: string): Uint8Array {
  if (/^0x[0-9a-fA-F]{64,}$/.test(text)) return fromHex(text.slice(0, 2 + HASH_DIGITS));
  if (/^[0-9]{1,77}$/.test(text)) {
    const digits = BigInt(text).toString(16);
    if (digits.length <= HASH_DIGITS) return fromHex(digits.padStart(HASH_DIGITS, '0'));
  }
  return new Uint8Array(32);
}

/** 20 bytes, `0x` or not. @throws RpcFailure -32603 */
export function addressParameter(text: string): Address {
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  if (!/^[0-9a-fA-F]{40}$/.test(digits)) {
    throw new RpcFailure(internalError(`InvalidAddress ${echo(text)}`, 'an address has 40 hexadecimal digits'));
  }
  return digits.toLowerCase();
}

/** Hexadecimal bytes, `0x` or not. @throws RpcFailure -32603 with the words of 2.x, its misspelling included */
export function bytesParameter(text: string): Uint8Array {
  const bytes = parseHex(text);
  if (bytes !== undefined) return bytes;
  const comment = `Cannot intepret '${echo(text)}' as bytes; must be 0x-prefixed hex or decimal.`;
  throw new RpcFailure(internalError(comment));
}
