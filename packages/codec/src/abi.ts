/**
 * Solidity ABI encoding of calls and results. `decodeAbi` takes only data that holds every value; `decodeAbiLenient` is
 * for arguments of system contracts, where a 2.x node reads missing words as zero. Standard: Solidity documentation,
 * "Contract ABI Specification".
 */
import {
  concatBytes,
  EMPTY_BYTES,
  fromBigInt,
  fromByteString,
  fromHex,
  toBigInt,
  toByteString,
  toHex,
  utf8Bytes,
} from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, type Result, success } from '@menglian/base/result';
import { type AbiType, abiType, elementCount, headWords, isDynamic } from './abiType.js';

/** address: 40 lower-case hexadecimal characters · string: a byte string · bytes, bytesN: bytes · intN, uintN: bigint */
export type AbiValue = bigint | boolean | string | Uint8Array | readonly AbiValue[];

export type AbiReason =
  /** The data ends before a value does. */
  | 'MissingData'
  /** An offset points beyond the data. */
  | 'BadOffset'
  /** A length is larger than what the data can hold. */
  | 'BadLength'
  /** A word is outside its type: a bool of 2, an address or uint8 with more bits. */
  | 'BadValue'
  /** Values overlap so often that decoding would multiply the data. */
  | 'TooMuchData';

const WORD = 32;

/**
 * Offsets may point to one piece of data many times, which makes a value exponentially larger than its encoding. Honest
 * encodings read each byte once; a few times more is allowed to encoders that share tails.
 */
const MAX_READS_PER_BYTE = 8;

type Hash = (data: Uint8Array) => Uint8Array;

/** First four bytes of a call: of the hash (the suite's own) of a signature like `transfer(address,uint256)`. */
export function selector(hash: Hash, signature: string): Uint8Array {
  return hash(utf8Bytes(signature)).slice(0, 4);
}

/** Output of a failure with a message: `Error(string)` as Solidity's revert makes it. @param message a byte string */
export function errorString(hash: Hash, message: string): Uint8Array {
  return concatBytes(selector(hash, 'Error(string)'), encodeAbi(['string'], [message]));
}

/** @throws InvariantError when values do not match the types, RangeError when they do not fit */
export function encodeAbi(types: readonly string[], values: readonly AbiValue[]): Uint8Array {
  return encodeSequence(types.map(abiType), values);
}

/** Decodes data in which every value lies within the bounds and within its type. Bytes are views into `data`. */
export function decodeAbi(types: readonly string[], data: Uint8Array): Result<AbiValue[], AbiReason> {
  return decodeWith(data, types, false);
}

/**
 * Like `decodeAbi`, but words that are missing read as zero and missing strings and arrays as empty, and bits outside a
 * type are cut off. Offsets and lengths that are there still must stay within the data.
 */
export function decodeAbiLenient(types: readonly string[], data: Uint8Array): Result<AbiValue[], AbiReason> {
  return decodeWith(data, types, true);
}

function decodeWith(data: Uint8Array, types: readonly string[], lenient: boolean): Result<AbiValue[], AbiReason> {
  const parsed = types.map(abiType);
  const elements = parsed.reduce((count, type) => count + elementCount(type), 0);
  const reader = new AbiReader(data, lenient, MAX_READS_PER_BYTE * data.length + WORD * elements);
  const values = reader.sequence(parsed, 0);
  return reader.failed === undefined ? success(values) : failure(reader.failed);
}

function encodeSequence(types: readonly AbiType[], values: readonly AbiValue[]): Uint8Array {
  invariant(types.length === values.length, 'codec/abi-value-count');
  const heads: Uint8Array[] = [];
  const tails: Uint8Array[] = [];
  let tailOffset = WORD * types.reduce((words, type) => words + headWords(type), 0);
  types.forEach((type, index) => {
    const encoded = encodeValue(type, values[index]!);
    if (!isDynamic(type)) {
      heads.push(encoded);
      return;
    }
    heads.push(encodeWord(BigInt(tailOffset)));
    tails.push(encoded);
    tailOffset += encoded.length;
  });
  return concatBytes(...heads, ...tails);
}

function encodeValue(type: AbiType, value: AbiValue): Uint8Array {
  switch (type.kind) {
    case 'uint':
      invariant(typeof value === 'bigint', 'codec/abi-value-kind', type.kind);
      if (value < 0n || value >> BigInt(type.bits) !== 0n) throw new RangeError(`not a uint${type.bits}: ${value}`);
      return encodeWord(value);
    case 'int':
      invariant(typeof value === 'bigint', 'codec/abi-value-kind', type.kind);
      if (BigInt.asIntN(type.bits, value) !== value) throw new RangeError(`not an int${type.bits}: ${value}`);
      return encodeWord(BigInt.asUintN(256, value));
    case 'bool':
      invariant(typeof value === 'boolean', 'codec/abi-value-kind', type.kind);
      return encodeWord(value ? 1n : 0n);
    case 'address': {
      invariant(typeof value === 'string' && value.length === 40, 'codec/abi-value-kind', type.kind);
      return padLeft(fromHex(value));
    }
    case 'fixedBytes':
      invariant(value instanceof Uint8Array && value.length === type.length, 'codec/abi-value-kind', type.kind);
      return padRight(value);
    case 'bytes':
      invariant(value instanceof Uint8Array, 'codec/abi-value-kind', type.kind);
      return encodeBytes(value);
    case 'string':
      invariant(typeof value === 'string', 'codec/abi-value-kind', type.kind);
      return encodeBytes(fromByteString(value));
    case 'tuple':
      invariant(Array.isArray(value), 'codec/abi-value-kind', type.kind);
      return encodeSequence(type.items, value);
    case 'array': {
      invariant(Array.isArray(value), 'codec/abi-value-kind', type.kind);
      invariant(type.length === undefined || type.length === value.length, 'codec/abi-value-count');
      const items = encodeSequence(new Array<AbiType>(value.length).fill(type.item), value);
      return type.length === undefined ? concatBytes(encodeWord(BigInt(value.length)), items) : items;
    }
  }
}

function encodeBytes(bytes: Uint8Array): Uint8Array {
  return concatBytes(encodeWord(BigInt(bytes.length)), padRight(bytes));
}

function encodeWord(value: bigint): Uint8Array {
  return fromBigInt(value, WORD);
}

function padLeft(bytes: Uint8Array): Uint8Array {
  const word = new Uint8Array(WORD);
  word.set(bytes, WORD - bytes.length);
  return word;
}

function padRight(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(bytes.length / WORD) * WORD);
  padded.set(bytes);
  return padded;
}

/** One decoding. Errors stick: after the first, reads give empty values and `failed` says why. */
class AbiReader {
  failed: AbiReason | undefined = undefined;
  readonly #data: Uint8Array;
  readonly #lenient: boolean;
  #readsLeft: number;

  /** @param maxReads bytes of words and strings that may be read before the data counts as multiplied */
  constructor(data: Uint8Array, lenient: boolean, maxReads: number) {
    this.#data = data;
    this.#lenient = lenient;
    this.#readsLeft = maxReads;
  }

  /** Values of a tuple whose head begins at `base`; offsets count from there. */
  sequence(types: readonly AbiType[], base: number): AbiValue[] {
    const values: AbiValue[] = [];
    let position = base;
    for (const type of types) {
      values.push(this.#headed(type, base, position));
      if (this.failed !== undefined) break;
      position += WORD * headWords(type);
    }
    return values;
  }

  /** A value by its place in the head: there itself, or behind the offset that is there. */
  #headed(type: AbiType, base: number, position: number): AbiValue {
    if (!isDynamic(type)) return this.#value(type, position);
    const word = this.#word(position);
    if (word === undefined) return this.#missing(type);
    const offset = smallNumber(word);
    if (offset > this.#data.length - base) return this.#fail('BadOffset');
    return this.#value(type, base + offset);
  }

  #value(type: AbiType, position: number): AbiValue {
    switch (type.kind) {
      case 'tuple':
        return this.sequence(type.items, position);
      case 'array':
        return this.#array(type.item, type.length, position);
      case 'bytes':
        return this.#bytes(position);
      case 'string':
        return toByteString(this.#bytes(position));
      default: {
        const word = this.#word(position);
        if (word === undefined) return this.#missing(type);
        return this.#elementary(type, word);
      }
    }
  }

  #missing(type: AbiType): AbiValue {
    if (!this.#lenient) return this.#fail('MissingData');
    this.#spend(WORD * elementCount(type));
    return this.failed === undefined ? emptyValue(type) : 0n;
  }

  #array(item: AbiType, fixedLength: number | undefined, position: number): AbiValue[] {
    const length = fixedLength ?? this.#length(position);
    const base = fixedLength === undefined ? position + WORD : position;
    const itemBytes = WORD * headWords(item);
    // The length of a fixed array is bounded by its type, any other by the data, whose every element takes a word.
    if (fixedLength === undefined && length * itemBytes > this.#data.length - base) {
      this.#fail('BadLength');
      return [];
    }
    const values: AbiValue[] = [];
    for (let index = 0; index < length; index++) {
      values.push(this.#headed(item, base, base + index * itemBytes));
      if (this.failed !== undefined) break;
    }
    return values;
  }

  #bytes(position: number): Uint8Array {
    const length = this.#length(position);
    if (this.failed !== undefined || length === 0) return EMPTY_BYTES;
    const start = position + WORD;
    if (length > this.#data.length - start) {
      this.#fail('BadLength');
      return EMPTY_BYTES;
    }
    this.#spend(length);
    return this.failed === undefined ? this.#data.subarray(start, start + length) : EMPTY_BYTES;
  }

  #length(position: number): number {
    const word = this.#word(position);
    if (word !== undefined) return smallNumber(word);
    if (!this.#lenient) this.#fail('MissingData');
    return 0;
  }

  #elementary(type: AbiType, word: Uint8Array): AbiValue {
    switch (type.kind) {
      case 'address':
        return this.#isZero(word, 0, 12) ? toHex(word.subarray(12)) : this.#fail('BadValue');
      case 'fixedBytes':
        return this.#isZero(word, type.length, WORD) ? word.subarray(0, type.length) : this.#fail('BadValue');
      case 'bool': {
        const value = toBigInt(word);
        return value <= 1n || this.#lenient ? value !== 0n : this.#fail('BadValue');
      }
      case 'uint': {
        const value = toBigInt(word);
        const cut = BigInt.asUintN(type.bits, value);
        return cut === value || this.#lenient ? cut : this.#fail('BadValue');
      }
      case 'int': {
        const value = BigInt.asIntN(256, toBigInt(word));
        const cut = BigInt.asIntN(type.bits, value);
        return cut === value || this.#lenient ? cut : this.#fail('BadValue');
      }
      default:
        return this.#fail('BadValue');
    }
  }

  #isZero(word: Uint8Array, start: number, end: number): boolean {
    return this.#lenient || word.subarray(start, end).every((byte) => byte === 0);
  }

  /** The word at `position`; when only its beginning is there, the lenient reader fills it with zeros. */
  #word(position: number): Uint8Array | undefined {
    if (this.failed !== undefined || position >= this.#data.length) return undefined;
    const word = this.#data.subarray(position, position + WORD);
    if (word.length < WORD && !this.#lenient) return undefined;
    this.#spend(WORD);
    return word.length < WORD ? padRight(word) : word;
  }

  #spend(bytes: number): void {
    this.#readsLeft -= bytes;
    if (this.#readsLeft < 0) this.#fail('TooMuchData');
  }

  #fail(reason: AbiReason): AbiValue {
    this.failed ??= reason;
    return 0n;
  }
}

/** What a missing value reads as. */
function emptyValue(type: AbiType): AbiValue {
  switch (type.kind) {
    case 'uint':
    case 'int':
      return 0n;
    case 'bool':
      return false;
    case 'address':
      return '0'.repeat(40);
    case 'fixedBytes':
      return new Uint8Array(type.length);
    case 'bytes':
      return EMPTY_BYTES;
    case 'string':
      return '';
    case 'tuple':
      return type.items.map(emptyValue);
    case 'array':
      return Array.from({ length: type.length ?? 0 }, () => emptyValue(type.item));
  }
}

/** An offset or length; whatever is above 2^48 is beyond any data and reads as infinite. */
function smallNumber(word: Uint8Array): number {
  for (let i = 0; i < 26; i++) if (word[i] !== 0) return Number.POSITIVE_INFINITY;
  let value = 0;
  for (let i = 26; i < WORD; i++) value = value * 256 + word[i]!;
  return value;
}
