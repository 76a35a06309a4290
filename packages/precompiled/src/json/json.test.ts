import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../testing/systemTester.js';
import { doubleText } from './doubleText.js';
import { type JsonValue, readJson } from './readJson.js';
import { groupsLine, indentedRows, recordsLine } from './writeJson.js';

/** What readJson should make of a value that JSON.parse gave; objects as sorted lists. */
function expected(value: unknown): unknown {
  if (value === null) return { kind: 'null' };
  if (Array.isArray(value)) return { kind: 'array' };
  if (typeof value === 'object') {
    return Object.entries(value as object)
      .map(([name, member]) => [bytesOf(name), expected(member)])
      .toSorted();
  }
  return { kind: 'text', text: typeof value === 'string' ? bytesOf(value) : String(value) };
}

function simplified(value: JsonValue): unknown {
  if (value.kind !== 'object') return value;
  return [...value.members].map(([name, member]) => [name, simplified(member)]).toSorted();
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map((member) => depthOf(member)));
}

describe('readJson', () => {
  it('agrees with JSON.parse on everything that JSON.stringify writes', () => {
    const value = fc.jsonValue({ maxDepth: 5 }).filter((json) => depthOf(json) <= 15);
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1), (json, space) => {
        // Numbers with a fraction have their own text; here only integers.
        const integers = JSON.parse(
          JSON.stringify(json, (_, member: unknown) =>
            typeof member === 'number' ? Math.trunc(member) % 1e9 || 0 : member,
          ),
        ) as unknown;
        const result = readJson(bytesOf(JSON.stringify(integers, undefined, space)));
        expect(result.ok && simplified(result.value)).toEqual(expected(integers));
      }),
    );
  });

  it('refuses what JSON.parse refuses, and what is nested too deeply', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:01-.eE\\u"ntrfalsx ') }), (text) => {
        // JSON.parse takes numbers beyond the doubles for infinite.
        fc.pre(!/[eE]\+?[0-9]{3}/.test(text));
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(readJson(text).ok).toBe(isJson);
      }),
      { numRuns: 2000 },
    );
    expect(readJson('['.repeat(17) + ']'.repeat(17)).ok).toBe(true);
    expect(readJson('['.repeat(18) + ']'.repeat(18)).ok).toBe(false);
  });

  it('answers for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof readJson(`{"a":"${String.fromCharCode(...bytes)}`).ok).toBe('boolean');
      }),
    );
  });
});

describe('doubleText', () => {
  it.each([
    [0.1, '0.10000000000000001'],
    [1 / 3, '0.33333333333333331'],
    [100, '100.0'],
    [-1.5, '-1.5'],
    [0, '0.0'],
    [-0, '-0.0'],
    [1e16, '10000000000000000.0'],
    [1e17, '1e+17'],
    [1.5e300, '1.5000000000000001e+300'],
    [0.0001, '0.0001'],
    [0.00001, '1.0000000000000001e-05'],
    [5e-324, '4.9406564584124654e-324'],
    [123_456_789.125, '123456789.125'],
  ])('writes %d as %s', (value, text) => {
    expect(doubleText(value)).toBe(text);
  });

  it('reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(doubleText(value))).toBe(value);
      }),
    );
  });
});

describe('writeJson', () => {
  it('sorts names, escapes, and ends with a line feed', () => {
    expect(recordsLine([])).toBe('[]\n');
    expect(recordsLine([{ b: '"\n\u001f\u007f', a: bytesOf('é') }, {}])).toBe(
      `[{"a":"${bytesOf('é')}","b":"\\"\\n\\u001F\u007f"},{}]\n`,
    );
    expect(groupsLine(new Map())).toBe('null\n');
    expect(
      groupsLine(
        new Map([
          ['b', [{ x: '1' }]],
          ['a', []],
        ]),
      ),
    ).toBe('{"a":[],"b":[{"x":"1"}]}\n');
    expect(indentedRows([])).toBe('[]\n');
  });

  it('reads back', () => {
    const text = fc.uint8Array({ maxLength: 20 }).map((bytes) => String.fromCharCode(...bytes));
    fc.assert(
      fc.property(fc.array(fc.dictionary(text, text), { maxLength: 4 }), (records) => {
        expect(JSON.parse(recordsLine(records))).toEqual(records.map((record) => ({ ...record })));
        const rows = records.map((record) => new Map(Object.entries({ ...record, key: 'k' })));
        expect(JSON.parse(indentedRows(rows))).toEqual(rows.map((row) => Object.fromEntries(row)));
      }),
    );
  });
});
