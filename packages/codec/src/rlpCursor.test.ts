import { fromHex, toHex } from '@menglian/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRlp, type RlpItem, rlpInteger } from './rlp.js';
import { decodeRlpRecord, openRlpList, type RlpCursor } from './rlpCursor.js';

/** Reads a list of one item. */
function readOne<T>(item: RlpItem, read: (items: RlpCursor) => T) {
  return decodeRlpRecord(encodeRlp([item]), read);
}

describe('RlpCursor', () => {
  it('reads integers that were written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
        expect(readOne(rlpInteger(value), (items) => items.integer())).toEqual({ ok: true, value });
        expect(readOne(rlpInteger(value), (items) => items.integerBytes())).toEqual({
          ok: true,
          value: rlpInteger(value),
        });
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(readOne(rlpInteger(value), (items) => items.safeInteger())).toEqual({ ok: true, value });
        expect(readOne(rlpInteger(value), (items) => items.integer())).toEqual({ ok: true, value: BigInt(value) });
      }),
    );
  });

  it.each<[string, RlpItem, (items: RlpCursor) => unknown, string]>([
    ['integer with a leading zero', new Uint8Array([0, 1]), (items) => items.integer(), 'LeadingZero'],
    ['zero as a byte', new Uint8Array([0]), (items) => items.integer(), 'LeadingZero'],
    ['integer of 257 bits', rlpInteger(2n ** 256n), (items) => items.integer(), 'IntegerTooLarge'],
    ['bytes of such an integer', rlpInteger(2n ** 256n), (items) => items.integerBytes(), 'IntegerTooLarge'],
    ['2^53 as a number', rlpInteger(2n ** 53n), (items) => items.safeInteger(), 'IntegerTooLarge'],
    ['2^64 as a number', rlpInteger(2n ** 64n), (items) => items.safeInteger(), 'IntegerTooLarge'],
    ['list as integer', [], (items) => items.integer(), 'WrongKind'],
    ['list as string', [], (items) => items.string(), 'WrongKind'],
    ['string as list', rlpInteger(1), (items) => items.list(1, (list) => list.string()), 'WrongKind'],
    ['string as record', rlpInteger(1), (items) => items.record((list) => list.string()), 'WrongKind'],
    ['19 bytes for 20', new Uint8Array(19), (items) => items.fixed(20), 'WrongLength'],
    ['list that is too long', [[], [], []], (items) => items.list(2, (list) => list.next()), 'TooManyItems'],
    ['record with an item more', [[], []], (items) => items.record((list) => list.next()), 'TooManyItems'],
    ['record with an item less', [[]], (items) => items.record((l) => [l.next(), l.string()]), 'MissingItem'],
    ['item that is not read', [], () => undefined, 'TooManyItems'],
    ['item that is not there', [], (items) => [items.next(), items.next()], 'MissingItem'],
  ])('refuses: %s', (_name, item, read, reason) => {
    expect(readOne(item, read)).toEqual({ ok: false, reason });
  });

  it('keeps the first reason and gives empty values after it', () => {
    const opened = openRlpList(encodeRlp([[], rlpInteger(7)]));
    if (!opened.ok) throw new Error(opened.reason);
    const items = opened.value;
    expect(items.integer()).toBe(0n);
    expect(items.failed).toBe('WrongKind');
    expect([items.integer(), items.safeInteger(), items.string().length, items.fixed(3).length]).toEqual([0n, 0, 0, 0]);
    expect(items.record(() => 'read all the same')).toBe('read all the same');
    expect(items.atEnd).toBe(true);
    expect(items.failed).toBe('WrongKind');
  });

  it('tells items from their content', () => {
    const opened = openRlpList(fromHex('c4820400c0'));
    if (!opened.ok) throw new Error(opened.reason);
    const items = opened.value;
    items.next();
    expect([toHex(items.item()), toHex(items.content()), items.isList]).toEqual(['820400', '0400', false]);
    items.next();
    expect([toHex(items.item()), toHex(items.content()), items.isList]).toEqual(['c0', '', true]);
  });

  it.each([
    ['', 'UndersizeRLP'],
    ['80', 'WrongKind'],
    ['c000', 'OversizeRLP'],
    ['c1', 'UndersizeRLP'],
  ])('does not open %s: %s', (hex, reason) => {
    expect(openRlpList(fromHex(hex))).toEqual({ ok: false, reason });
  });
});
