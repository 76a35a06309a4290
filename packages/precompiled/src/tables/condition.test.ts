import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Row } from '../ports.js';
import { type Comparison, Condition } from './condition.js';

function rows(...values: (string | undefined)[]): Row[] {
  return values.map((value, id) => ({ id, fields: new Map(value === undefined ? [] : [['x', value]]) }));
}

function matching(
  comparisons: readonly (readonly [Comparison, string])[],
  ...values: (string | undefined)[]
): unknown[] {
  const condition = new Condition();
  for (const [comparison, text] of comparisons) condition.compare('x', comparison, text);
  return condition.filter(rows(...values)).map((row) => row.fields.get('x'));
}

describe('Condition', () => {
  it('compares EQ and NE as texts', () => {
    expect(matching([['EQ', '1']], '1', '01', '+1', '')).toEqual(['1']);
    expect(matching([['NE', '1']], '1', '01', 'x', '')).toEqual(['01', 'x', '']);
    expect(matching([['EQ', '']], '', '0')).toEqual(['']);
  });

  it('compares the others as int64, empty text being 0, and passes over other text', () => {
    const values = ['-1', '', '0', '1', 'x', '9223372036854775807', '9223372036854775808', ' 1', '1.0'];
    expect(matching([['GT', '0']], ...values)).toEqual(['1', '9223372036854775807']);
    expect(matching([['GE', '0']], ...values)).toEqual(['', '0', '1', '9223372036854775807']);
    expect(matching([['LT', '0']], ...values)).toEqual(['-1']);
    expect(matching([['LE', '0']], ...values)).toEqual(['-1', '', '0']);
    expect(matching([['LE', 'x']], ...values)).toEqual([]);
    expect(matching([['GT', '99999999999999999999']], ...values)).toEqual([]);
  });

  it('keeps one lower and one upper bound a field', () => {
    expect(
      matching(
        [
          ['GE', '1'],
          ['LE', '1'],
        ],
        '1',
        '01',
      ),
    ).toEqual(['1']);
    expect(
      matching(
        [
          ['GT', '1'],
          ['LT', '1'],
        ],
        '1',
        '01',
        '7',
      ),
    ).toEqual(['01', '7']);
    expect(
      matching(
        [
          ['GT', '1'],
          ['GT', '5'],
        ],
        '3',
        '6',
      ),
    ).toEqual(['6']);
    expect(
      matching(
        [
          ['EQ', '5'],
          ['GT', '2'],
        ],
        '2',
        '3',
        '5',
        '6',
      ),
    ).toEqual(['3', '5']);
    expect(
      matching(
        [
          ['GT', '1'],
          ['LE', '3'],
        ],
        '1',
        '2',
        '3',
        '4',
      ),
    ).toEqual(['2', '3']);
  });

  it('never matches a row without the field, and ignores hidden fields', () => {
    expect(matching([['EQ', '']], undefined)).toEqual([]);
    expect(matching([['LE', '5']], undefined)).toEqual([]);
    const condition = new Condition();
    for (const name of ['_id_', 'x_', '_x', '']) condition.compare(name, 'EQ', 'nothing has this');
    expect(condition.filter(rows('1', undefined))).toHaveLength(2);
  });

  it('cuts after filtering', () => {
    const condition = new Condition();
    condition.compare('x', 'GE', '2');
    condition.limit(1n, 2n);
    expect(condition.filter(rows('1', '2', '3', '4', '5')).map((row) => row.fields.get('x'))).toEqual(['3', '4']);
    condition.limit(0n, 0n);
    expect(condition.filter(rows('2'))).toEqual([]);
    condition.limit(2n ** 200n, 2n ** 200n);
    expect(condition.filter(rows('2'))).toEqual([]);
  });

  it('agrees with arithmetic for any two comparisons that name different bounds', () => {
    const number = fc.integer({ min: -3, max: 3 });
    const isAbove = fc.constantFrom<Comparison>('GT', 'GE');
    const isBelow = fc.constantFrom<Comparison>('LT', 'LE');
    fc.assert(
      fc.property(isAbove, isBelow, number, number, number, (above, below, low, high, value) => {
        fc.pre(!(low === high && above === 'GT' && below === 'LT'));
        const expected =
          (above === 'GT' ? value > low : value >= low) && (below === 'LT' ? value < high : value <= high);
        const found = matching(
          [
            [above, String(low)],
            [below, String(high)],
          ],
          String(value),
        );
        expect(found.length === 1).toBe(expected);
      }),
    );
  });
});
