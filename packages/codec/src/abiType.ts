/** The Solidity ABI types that calls and results on this chain use, parsed from their text. */
import { LruMap } from '@menglian/base/lruMap';

export type AbiType =
  | { readonly kind: 'uint' | 'int'; readonly bits: number }
  | { readonly kind: 'address' | 'bool' | 'bytes' | 'string' }
  | { readonly kind: 'fixedBytes'; readonly length: number }
  /** `length` undefined: as many as the data says. */
  | { readonly kind: 'array'; readonly item: AbiType; readonly length: number | undefined }
  | { readonly kind: 'tuple'; readonly items: readonly AbiType[] };

/** Types can come from outside (a contract registers its functions by text), so their size is bounded. */
const MAX_TYPE_CHARACTERS = 256;
const MAX_NESTING = 8;
/** `uint256[8][8]…` is short text and a large value. */
const MAX_FIXED_ELEMENTS = 4096;

const parsedTypes = new LruMap<string, AbiType>(512);

/** @throws RangeError when the text is not one of the supported types */
export function abiType(text: string): AbiType {
  const type = parseAbiType(text);
  if (type === undefined) throw new RangeError(`not a supported ABI type: ${text}`);
  return type;
}

/** @returns undefined when the text is not one of the supported types */
export function parseAbiType(text: string): AbiType | undefined {
  const known = parsedTypes.get(text);
  if (known !== undefined) return known;
  if (text.length > MAX_TYPE_CHARACTERS) return undefined;
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
      return type.length === undefined || isDynamic(type.item);
    case 'tuple':
      return type.items.some(isDynamic);
    default:
      return false;
  }
}

/** Words of 32 bytes that the type takes in the head. */
export function headWords(type: AbiType): number {
  if (isDynamic(type)) return 1;
  if (type.kind === 'array') return type.length! * headWords(type.item);
  if (type.kind === 'tuple') return type.items.reduce((words, item) => words + headWords(item), 0);
  return 1;
}

/** Elementary values in the smallest value of the type, an array of open length counting as one element. */
export function elementCount(type: AbiType): number {
  if (type.kind === 'array') return (type.length ?? 1) * elementCount(type.item);
  if (type.kind === 'tuple') return type.items.reduce((count, item) => count + elementCount(item), 0);
  return 1;
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
  if (digits === '') return { kind: 'array', item, length: undefined };
  // Arrays of no elements have values without bytes, which no bound on the data could bound.
  if (!/^[1-9][0-9]{0,3}$/.test(digits) || Number(digits) > MAX_FIXED_ELEMENTS) return undefined;
  return { kind: 'array', item, length: Number(digits) };
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
  return depth === 0 && items.length > 0 ? { kind: 'tuple', items } : undefined;
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
