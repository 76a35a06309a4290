import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Token, tokens } from '../arguments/tokens.js';
import { readCreate, readDelete, readInsert, readSelect, readUpdate } from './statement.js';

function given(line: string): readonly Token[] {
  const read = tokens(line);
  if (!read.ok) throw new Error(read.reason.message.en);
  return read.value;
}

describe('statements about tables', () => {
  it.each([
    ['table t(a varchar, b varchar, primary key(b))', { table: 't', keyField: 'b', fields: ['a'] }],
    ['table t (a varchar(255), b, primary key ( a ) );', { table: 't', keyField: 'a', fields: ['b'] }],
    ['t (a, b)', { table: 't', keyField: 'a', fields: ['b'] }],
  ])('create %s', (line, value) => {
    expect(readCreate(given(line), '')).toEqual({ ok: true, value });
  });

  it.each([
    ['into t (a, b) values (1, "x, y")', { table: 't', fields: ['a', 'b'], values: ['1', 'x, y'] }],
    ["into t values ('it\"s', -5, 盟链)", { table: 't', fields: undefined, values: ['it"s', '-5', '盟链'] }],
    ['INTO t(a) VALUES("");', { table: 't', fields: ['a'], values: [''] }],
  ])('insert %s', (line, value) => {
    expect(readInsert(given(line), '')).toEqual({ ok: true, value });
  });

  it.each([
    [
      '* from t where a = 1 and b >= "x y" limit 5, 10',
      {
        table: 't',
        fields: undefined,
        conditions: [
          { field: 'a', comparison: 'eq', value: '1' },
          { field: 'b', comparison: 'ge', value: 'x y' },
        ],
        limit: { offset: 5, count: 10 },
      },
    ],
    [
      'a,b from t where a!=1 limit 3',
      {
        table: 't',
        fields: ['a', 'b'],
        conditions: [{ field: 'a', comparison: 'ne', value: '1' }],
        limit: { offset: 0, count: 3 },
      },
    ],
  ])('select %s', (line, value) => {
    expect(readSelect(given(line), '')).toEqual({ ok: true, value });
  });

  it('update and delete', () => {
    const conditions = [{ field: 'a', comparison: 'lt', value: '2' }];
    expect(readUpdate(given('t set b = 1, c="d" where a < 2'), '')).toEqual({
      ok: true,
      value: { table: 't', changes: { b: '1', c: 'd' }, conditions },
    });
    expect(readDelete(given('from t where a<2'), '')).toEqual({ ok: true, value: { table: 't', conditions } });
  });

  it.each([
    [readCreate, 'table t', 'it ends where `(` is wanted'],
    [readCreate, 't (a, primary key(b))', 'the key is not among the fields'],
    [readInsert, 'into t (a, b) values (1)', 'not as many values as fields'],
    [readInsert, 'into t values ()', 'stands where a value is wanted'],
    [readSelect, '* from t', 'it ends where `where` is wanted'],
    [readSelect, '* from t where a 1', '= != > >= < <='],
    [readSelect, '* from t where a = 1 limit x', '"x" stands where a number is wanted'],
    [readSelect, '* from t where a = 1 order by a', '"order" is too much'],
    [readUpdate, 't set where a = 1', 'is wanted'],
    [readDelete, 'from "a b" where a = 1', 'the name of a table is wanted'],
  ])('%o refuses %j', (read, line, sentence) => {
    const found = read(given(line), 'an example');
    expect(found).toMatchObject({ ok: false, reason: { code: 'C19', example: 'an example' } });
    expect(!found.ok && found.reason.message.en).toContain(sentence);
  });

  it('take any words without a throw', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'table',
        'from',
        'where',
        'set',
        'values',
        '(',
        ')',
        ',',
        '=',
        '*',
        'and',
        'limit',
        '1',
        'primary',
        'key',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    const token = fc.record({ text: word, isQuoted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(token, { maxLength: 20 }), (given) => {
        for (const read of [readCreate, readInsert, readSelect, readUpdate, readDelete]) read(given, '');
      }),
    );
  });
});
