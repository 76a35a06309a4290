import { encodeRows } from '@menglian/ledger/stateRecords';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberedRow } from './numberedRow.js';
import { rowsBytes } from './rowBytes.js';

function row(balance: string) {
  const fields = new Map([
    ['name', 'alice'],
    ['balance', balance],
  ]);
  return { id: 3, fields, block: 7 };
}

/** Powers of ten and their neighbours are where counting digits goes wrong. */
const number = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  fc.tuple(fc.nat({ max: 77 }), fc.constantFrom(-1n, 0n, 1n)).map(([exponent, step]) => 10n ** BigInt(exponent) + step),
);

describe('NumberedRow', () => {
  it('is the row with another number: the same rows, bytes and encoding', () => {
    fc.assert(
      fc.property(number, number, (from, to) => {
        const changed = NumberedRow.of([row(from.toString())], 'balance')!.with(to, 9);
        const rows = [{ ...row(to.toString()), block: 9 }];
        expect(changed.rows()).toStrictEqual(rows);
        expect(changed.bytes).toBe(rowsBytes(rows));
        expect(changed.encode()).toStrictEqual(encodeRows(rows));
      }),
    );
  });

  it('is not for what is no number, is written in another way, or is not one row', () => {
    for (const text of ['', '-1', '+1', '07', ' 7', '1e3', 'x', (2n ** 256n).toString()]) {
      expect(NumberedRow.of([row(text)], 'balance')).toBeUndefined();
    }
    expect(NumberedRow.of([row('1')], 'other')).toBeUndefined();
    expect(NumberedRow.of([], 'balance')).toBeUndefined();
    expect(NumberedRow.of([row('1'), { ...row('1'), id: 4 }], 'balance')).toBeUndefined();
  });
});
