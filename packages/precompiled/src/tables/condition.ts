import { parseInt64 } from '../framework/text.js';
import type { Row } from '../ports.js';
import { isHiddenField } from './rows.js';

export type Comparison = 'EQ' | 'NE' | 'GT' | 'GE' | 'LT' | 'LE';

interface Bound {
  readonly text: string;
  readonly inclusive: boolean;
}

interface Range {
  lower: Bound | undefined;
  upper: Bound | undefined;
}

/**
 * The rows that an operation is about. A field has one lower and one upper bound, not a list of comparisons: a later
 * comparison replaces the bound it names, and EQ and NE are written as two bounds. From that follow the effects of 2.x
 * that `GE x` and `LE x` together compare texts, and `GT x` with `LT x` means `NE x`.
 */
export class Condition {
  readonly #ranges = new Map<string, Range>();
  #offset = 0n;
  #count = -1n;

  compare(field: string, comparison: Comparison, text: string): void {
    const range = this.#range(field);
    const inclusive = comparison === 'EQ' || comparison === 'GE' || comparison === 'LE';
    if (comparison !== 'LT' && comparison !== 'LE') range.lower = { text, inclusive };
    if (comparison !== 'GT' && comparison !== 'GE') range.upper = { text, inclusive };
  }

  /** Takes effect only when both numbers are 0 or more. */
  limit(offset: bigint, count: bigint): void {
    this.#offset = offset;
    this.#count = count;
  }

  /** The matching rows, in their order, then cut to the limit. */
  filter(rows: readonly Row[]): readonly Row[] {
    const matching = rows.filter((row) => this.#matches(row));
    if (this.#offset < 0n || this.#count < 0n) return matching;
    return matching.slice(toLength(this.#offset), toLength(this.#offset + this.#count));
  }

  #matches(row: Row): boolean {
    for (const [field, range] of this.#ranges) {
      if (isHiddenField(field)) continue;
      const value = row.fields.get(field);
      if (value === undefined || !isWithin(value, range)) return false;
    }
    return true;
  }

  #range(field: string): Range {
    let range = this.#ranges.get(field);
    if (range === undefined) {
      range = { lower: undefined, upper: undefined };
      this.#ranges.set(field, range);
    }
    return range;
  }
}

function isWithin(value: string, { lower, upper }: Range): boolean {
  if (lower !== undefined && upper !== undefined && lower.text === upper.text) {
    if (lower.inclusive && upper.inclusive) return value === lower.text;
    if (!lower.inclusive && !upper.inclusive) return value !== lower.text;
  }
  const number = parseInt64(value === '' ? '0' : value);
  if (number === undefined) return false;
  return isBeyond(number, lower) && isBeyond(number, upper, -1n);
}

/** Whether the number is above the bound, or below it with direction -1. A bound that is no int64 excludes every row. */
function isBeyond(number: bigint, bound: Bound | undefined, direction = 1n): boolean {
  if (bound === undefined) return true;
  const limit = parseInt64(bound.text);
  if (limit === undefined) return false;
  const distance = (number - limit) * direction;
  return distance > 0n || (bound.inclusive && distance === 0n);
}

function toLength(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}
