import { parseHex } from '@menglian/base/bytes';
import { type Address, echo, type Hash, type Hex, ZERO_ADDRESS } from '../hex.js';
import { sdkError } from '../sdkError.js';

/**
 * Reads one JSON value of an answer. A node is a stranger: what it sends is what the types say only after this.
 * @param path where in the answer, for the error. @throws SdkError `BadAnswer`
 */
export type Reader<T> = (value: unknown, path: string) => T;

export type ReadBy<R> = R extends Reader<infer T> ? T : never;

function refuse(path: string, wanted: string, value: unknown): never {
  const advice = 'ask another node, and see whether this one is a chain of version 2.x';
  const shown = typeof value === 'object' && value !== null ? 'an object' : echo(value);
  throw sdkError('BadAnswer', `the node answered ${shown} as ${path}, which must be ${wanted}`, advice);
}

/** An object with at least these members; others are dropped. */
export function record<F extends Readonly<Record<string, Reader<unknown>>>>(
  fields: F,
): Reader<{ readonly [K in keyof F]: ReadBy<F[K]> }> {
  const entries = Object.entries(fields);
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, 'an object', value);
    const members = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(entries.map(([name, read]) => [name, read(members[name], `${path}.${name}`)])) as {
      readonly [K in keyof F]: ReadBy<F[K]>;
    };
  };
}

export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) refuse(path, 'an array', value);
    return value.map((one, index) => item(one, `${path}[${index}]`));
  };
}

export function nullable<T>(reader: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : reader(value, path));
}

/** What may be missing. */
export function optional<T>(reader: Reader<T>, absent: T): Reader<T> {
  return (value, path) => (value === undefined || value === null ? absent : reader(value, path));
}

export function mapped<T, U>(reader: Reader<T>, change: (value: T) => U): Reader<U> {
  return (value, path) => change(reader(value, path));
}

export const text: Reader<string> = (value, path) => (typeof value === 'string' ? value : refuse(path, 'text', value));

export const flag: Reader<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, 'true or false', value);

/** 256 bits. */
const QUANTITY_CHARACTERS_MAX = 80;

/** An integer of any size: hexadecimal after 0x, decimal digits, or a JSON number. */
export const quantity: Reader<bigint> = (value, path) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  const isInteger =
    typeof value === 'string' && value.length <= QUANTITY_CHARACTERS_MAX && /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(value);
  return isInteger ? BigInt(value) : refuse(path, 'an integer', value);
};

/** An integer that a number holds: heights, indexes, milliseconds, codes. */
export const integer: Reader<number> = (value, path) => {
  const number = Number(quantity(value, path));
  return Number.isSafeInteger(number) ? number : refuse(path, 'an integer below 2^53', value);
};

export const bytes: Reader<Hex> = (value, path) =>
  typeof value === 'string' && value.startsWith('0x') && parseHex(value) !== undefined
    ? (value.toLowerCase() as Hex)
    : refuse(path, 'bytes after 0x', value);

function bytesOfLength(length: number, wanted: string): Reader<Hex> {
  return (value, path) => {
    const read = bytes(value, path);
    return read.length === 2 + 2 * length ? read : refuse(path, wanted, value);
  };
}

export const hash: Reader<Hash> = bytesOfLength(32, 'a hash');

export const address: Reader<Address> = bytesOfLength(20, 'an address');

/** The zero address stands for none. */
export const addressOrNull: Reader<Address | null> = mapped(address, (read) => (read === ZERO_ADDRESS ? null : read));

/** Hexadecimal digits without 0x, as node ids and Merkle proofs are written. */
export const bareHex: Reader<string> = (value, path) =>
  typeof value === 'string' && !value.startsWith('0x') && parseHex(value) !== undefined
    ? value.toLowerCase()
    : refuse(path, 'hexadecimal digits', value);

export const anything: Reader<unknown> = (value) => value;
