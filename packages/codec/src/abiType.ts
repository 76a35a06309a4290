/** The Solidity ABI types that calls and results on this chain use, parsed from their text. */
import { LruMap } from '@menglian/base/lruMap';

export type AbiType =
  | { readonly kind: 'uint' | 'int'; readonly bits: number }
  | { readonly kind: 'address' | 'bool' | 'bytes' | 'string' }
  | { readonly kind: 'fixedBytes'; readonly length: number }
  /** `length` undefined: as many as the data says. */
  | ({ readonly kind: 'array'; readonly item: AbiType; readonly length: number | undefined } & Shape)
  | ({ readonly kind: 'tuple'; readonly items: readonly AbiType[] } & Shape);

/** Computed once when the type is parsed: a decoder asks for it at every value, and types may be large. */
interface Shape {
  readonly isDynamic: boolean;
  /** of 32 bytes, in the head */
  readonly words: number;
  readonly elements: number;
}

/**
 * Types can come from outside (a contract registers its functions by text), so their size is bounded. A member of a struct
 * takes 8 characters or so (`address,`): there is room for 500, more than one transaction sensibly carries.
 */
const MAX_TYPE_CHARACTERS = 4096;
const MAX_NESTING = 8;
/** `uint256[8][8]…` is short text and a large value. */
const MAX_FIXED_ELEMENTS = 4096;

/** Texts up to so many characters are kept as short ones. */
const SHORT_TYPE_CHARACTERS = 256;

/** Parsed types that are kept. Of the long ones few: they hold as many characters as the short ones together. */
const SHORT_TYPES_MAX = 512;
const LONG_TYPES_MAX = 32;

const shortTypes = new LruMap<string, AbiType>(SHORT_TYPES_MAX);
const longTypes = new LruMap<string, AbiType>(LONG_TYPES_MAX);

/** @throws RangeError when the text is not one of the supported types */
export function abiType(text: string): AbiType {
  const type = parseAbiType(text);
  if (type === undefined) throw new RangeError(`not a supported ABI type: ${text}`);
  return type;
}

/** @returns undefined when the text is not one of the supported types */
export function parseAbiType(text: string): AbiType | undefined {
  if (text.length > MAX_TYPE_CHARACTERS) return undefined;
  const parsedTypes = text.length > SHORT_TYPE_CHARACTERS ? longTypes : shortTypes;
  const known = parsedTypes.get(text);
  if (known !== undefined) return known;
  const type = parseNested(text, 0);
  if (type === undefined || elementCount(type) > MAX_FIXED_ELEMENTS) return undefined;
  parsedTypes.set(text, type);
  return type;
}

/** Whether the value stands in the tail, behind an offset. */
export function isDynamic(type: AbiType): boolean {
  switch (type.kind) {
    case 'bytes':
    case 'string':
      return true;
    case 'array':
    case 'tuple':
      return type.isDynamic;
    default:
      return false;
  }
}

/** Words of 32 bytes that the type takes in the head. */
export function headWords(type: AbiType): number {
  return type.kind === 'array' || type.kind === 'tuple' ? type.words : 1;
}

/** Elementary values in the smallest value of the type, an array of open length counting as one element. */
export function elementCount(type: AbiType): number {
  return type.kind === 'array' || type.kind === 'tuple' ? type.elements : 1;
}

function parseNested(text: string, nesting: number): AbiType | undefined {
  if (nesting > MAX_NESTING) return undefined;
  if (text.endsWith(']')) return parseArray(text, nesting);
  if (text.startsWith('(') && text.endsWith(')')) return parseTuple(text.slice(1, -1), nesting);
  return parseElementary(text);
}

function parseArray(text: string, nesting: number): AbiType | undefined {
  const open = text.lastIndexOf('[');
  const item = parseNested(text.slice(0, open), nesting + 1);
  if (item === undefined) return undefined;
  const digits = text.slice(open + 1, -1);
  if (digits === '') return arrayOf(item, undefined);
  // Arrays of no elements have values without bytes, which no bound on the data could bound.
  if (!/^[1-9][0-9]{0,3}$/.test(digits) || Number(digits) > MAX_FIXED_ELEMENTS) return undefined;
  return arrayOf(item, Number(digits));
}

function arrayOf(item: AbiType, length: number | undefined): AbiType {
  const dynamic = length === undefined || isDynamic(item);
  const words = dynamic ? 1 : length * headWords(item);
  return { kind: 'array', item, length, isDynamic: dynamic, words, elements: (length ?? 1) * elementCount(item) };
}

function parseTuple(text: string, nesting: number): AbiType | undefined {
  const items: AbiType[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const character = text[i];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (depth === 0 && (character === ',' || character === undefined)) {
      const item = parseNested(text.slice(start, i), nesting + 1);
      if (item === undefined) return undefined;
      items.push(item);
      start = i + 1;
    }
    if (depth < 0) return undefined;
  }
  return depth === 0 && items.length > 0 ? tupleOf(items) : undefined;
}

function tupleOf(items: readonly AbiType[]): AbiType {
  const dynamic = items.some(isDynamic);
  const words = dynamic ? 1 : items.reduce((sum, item) => sum + headWords(item), 0);
  const elements = items.reduce((sum, item) => sum + elementCount(item), 0);
  return { kind: 'tuple', items, isDynamic: dynamic, words, elements };
}

function parseElementary(text: string): AbiType | undefined {
  if (text === 'address' || text === 'bool' || text === 'bytes' || text === 'string') return { kind: text };
  const match = /^(uint|int|bytes)([1-9][0-9]{0,2})?$/.exec(text);
  if (match === null) return undefined;
  const [, name, digits] = match;
  if (name === 'bytes') {
    const length = Number(digits);
    return length <= 32 ? { kind: 'fixedBytes', length } : undefined;
  }
  const bits = digits === undefined ? 256 : Number(digits);
  return bits <= 256 && bits % 8 === 0 ? { kind: name as 'uint' | 'int', bits } : undefined;
}
