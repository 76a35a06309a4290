import { encodeChangedRow, type Row } from '@menglian/ledger/stateRecords';
import { parseUint256 } from '@menglian/precompiled/framework/text';
import { rowBytes } from './rowBytes.js';

const SMALL_POWERS = [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/**
 * A list of one row with a number in decimal in one field: a balance. Transfers change the number; the row is made when
 * somebody asks for it, or at the end of the block.
 */
export class NumberedRow {
  readonly field: string;
  readonly number: bigint;
  /** `rowBytes` of the row. */
  readonly bytes: number;
  /** The row with another number, or with this one. */
  readonly #like: Row;
  readonly #block: number;
  #rows: readonly Row[] | undefined;

  private constructor(like: Row, field: string, number: bigint, block: number, bytes: number) {
    this.#like = like;
    this.field = field;
    this.number = number;
    this.#block = block;
    this.bytes = bytes;
  }

  /** @returns undefined for other than one row, and for text that is not how this number is written */
  static of(rows: readonly Row[], field: string): NumberedRow | undefined {
    const [row] = rows;
    if (rows.length !== 1 || row === undefined) return undefined;
    const text = row.fields.get(field);
    if (text === undefined) return undefined;
    const number = parseUint256(text);
    if (number === undefined || digits(number) !== text.length) return undefined;
    const numbered = new NumberedRow(row, field, number, row.block, rowBytes(row));
    numbered.#rows = rows;
    return numbered;
  }

  /** `bytes` without those of the number. */
  get otherBytes(): number {
    return this.bytes - digits(this.number);
  }

  /** The same row with this number, written by `block`. */
  with(number: bigint, block: number): NumberedRow {
    const bytes = this.bytes - digits(this.number) + digits(number);
    return new NumberedRow(this.#like, this.field, number, block, bytes);
  }

  encode(): Uint8Array {
    return encodeChangedRow(this.#like, this.field, this.number.toString(), this.#block);
  }

  rows(): readonly Row[] {
    if (this.#rows === undefined) {
      const fields = new Map(this.#like.fields);
      fields.set(this.field, this.number.toString());
      this.#rows = [{ id: this.#like.id, fields, block: this.#block }];
    }
    return this.#rows;
  }
}

/** Decimal digits, without making the text where the number is small. */
function digits(number: bigint): number {
  if (number >= 1_000_000_000n) return number.toString().length;
  const small = Number(number);
  let count = 1;
  while (small >= SMALL_POWERS[count - 1]!) count++;
  return count;
}
