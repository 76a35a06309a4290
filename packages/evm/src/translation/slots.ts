/**
 * What is known about a stack item while code is translated. The item at index i lives in the local variable `s{i}` of the
 * translation, except that constants are not stored before they must be.
 */
export type Slot =
  /** @param isTarget pushed as it is, and the offset of a JUMPDEST: perhaps a return address */
  | { readonly kind: 'constant'; readonly value: bigint; readonly isTarget: boolean }
  /** a JavaScript boolean */
  | { readonly kind: 'flag' }
  /** a JavaScript number, an integer below 2^bits, with bits at most 53 */
  | { readonly kind: 'number'; readonly bits: number }
  /** a bigint below 2^bits, however small */
  | { readonly kind: 'bigint'; readonly bits: number }
  /** one of the last two, found out when the code runs */
  | { readonly kind: 'word'; readonly bits: number };

/** A slot with the text that reads it. */
export interface Operand {
  readonly slot: Slot;
  readonly name: string;
}

export const WORD_BITS = 256;
export const NUMBER_BITS = 53;
export const TWO_POW_53 = 1n << 53n;
export const WORD_MAX = (1n << 256n) - 1n;

export const FLAG: Slot = { kind: 'flag' };
export const ANY_WORD: Slot = { kind: 'word', bits: WORD_BITS };
export const ANY_BIGINT: Slot = { kind: 'bigint', bits: WORD_BITS };

export function constant(value: bigint): Slot {
  return { kind: 'constant', value, isTarget: false };
}

export function numberOf(bits: number): Slot {
  return { kind: 'number', bits };
}

/** A number where the bits allow it. */
export function wordOf(bits: number): Slot {
  return { kind: 'word', bits };
}

export function bitsOf(slot: Slot): number {
  switch (slot.kind) {
    case 'constant':
      return bitLength(slot.value);
    case 'flag':
      return 1;
    default:
      return slot.bits;
  }
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** Is it a JavaScript number, or a flag that can be turned into one, for sure? */
export function isNumeric({ slot }: Operand): boolean {
  return slot.kind === 'constant' ? slot.value < TWO_POW_53 : slot.kind === 'flag' || slot.kind === 'number';
}

/** Is it a bigint for sure? */
export function isBig({ slot }: Operand): boolean {
  return slot.kind === 'constant' ? slot.value >= TWO_POW_53 : slot.kind === 'bigint';
}

/** The item as a JavaScript number where that is what it is, as a bigint otherwise. Never a flag. */
export function wordText({ slot, name }: Operand): string {
  if (slot.kind === 'constant') return slot.value < TWO_POW_53 ? String(slot.value) : bigLiteral(slot.value);
  return slot.kind === 'flag' ? `(${name}?1:0)` : name;
}

/** The item as a bigint. */
export function bigText({ slot, name }: Operand): string {
  switch (slot.kind) {
    case 'constant':
      return bigLiteral(slot.value);
    case 'flag':
      return `(${name}?1n:0n)`;
    case 'number':
      return `BigInt(${name})`;
    case 'bigint':
      return name;
    case 'word':
      return `big(${name})`;
  }
}

/** The item as a number that is exact below 2^53 and at least 2^53 otherwise. */
export function inexactText(operand: Operand): string {
  const { slot, name } = operand;
  if (slot.kind === 'constant') return String(Number(slot.value));
  if (slot.kind === 'bigint') return `Number(${name})`;
  return slot.kind === 'word' ? `(typeof ${name}==="number"?${name}:Number(${name}))` : wordText(operand);
}

/** Something that JavaScript takes for true when the item is not 0. */
export function truthText({ slot, name }: Operand): string {
  return slot.kind === 'constant' ? String(slot.value !== 0n) : name;
}

export function bigLiteral(value: bigint): string {
  return value < TWO_POW_53 ? `${value}n` : `0x${value.toString(16)}n`;
}
