import { RLP } from '@ethereumjs/rlp';
import { concatBytes, equalBytes, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRlp, encodeRlp, encodeRlpInteger, encodeRlpList, type RlpItem, rlpInteger } from './rlp.js';

const { item: arbitraryItem } = fc.letrec<{ item: RlpItem; list: RlpItem[] }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', maxDepth: 6 },
    fc.uint8Array({ maxLength: 80 }),
    fc.uint8Array({ minLength: 250, maxLength: 300 }),
    tie('list'),
  ),
  list: fc.array(tie('item'), { maxLength: 8 }),
}));

describe('encodeRlp', () => {
  // Examples of the Ethereum wiki's page on RLP.
  it.each<[string, RlpItem, string]>([
    ['dog', utf8Bytes('dog'), '83646f67'],
    ['[cat, dog]', [utf8Bytes('cat'), utf8Bytes('dog')], 'c88363617483646f67'],
    ['empty string', new Uint8Array(0), '80'],
    ['empty list', [], 'c0'],
    ['0', rlpInteger(0), '80'],
    ['15', rlpInteger(15), '0f'],
    ['1024', rlpInteger(1024n), '820400'],
    ['[ [], [[]], [ [], [[]] ] ]', [[], [[]], [[], [[]]]], 'c7c0c1c0c3c0c1c0'],
    ['byte 0', new Uint8Array([0]), '00'],
    ['byte 0x7f', new Uint8Array([0x7f]), '7f'],
    ['byte 0x80', new Uint8Array([0x80]), '8180'],
    ['56 bytes', new Uint8Array(56), `b838${'00'.repeat(56)}`],
    ['256 bytes', new Uint8Array(256), `b90100${'00'.repeat(256)}`],
    ['70,000 bytes', new Uint8Array(70_000), `ba011170${'00'.repeat(70_000)}`],
  ])('%s', (_name, item, hex) => {
    expect(toHex(encodeRlp(item))).toBe(hex);
    expect(decodeRlp(fromHex(hex))).toEqual({ ok: true, value: item });
  });

  it('agrees with @ethereumjs/rlp and comes back', () => {
    fc.assert(
      fc.property(arbitraryItem, (item) => {
        const encoded = encodeRlp(item);
        expect(encoded).toEqual(RLP.encode(item as Parameters<typeof RLP.encode>[0]));
        expect(decodeRlp(encoded)).toEqual({ ok: true, value: item });
      }),
    );
  });

  it('of items that are encoded already equals the tree', () => {
    fc.assert(
      fc.property(fc.array(arbitraryItem, { maxLength: 12 }), (items) => {
        expect(encodeRlpList(...items.map(encodeRlp))).toEqual(encodeRlp(items));
      }),
    );
  });

  it('of integers is the same for numbers and big integers', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(encodeRlpInteger(value)).toEqual(encodeRlpInteger(BigInt(value)));
      }),
    );
    expect(() => rlpInteger(-1)).toThrow();
    expect(() => rlpInteger(1.5)).toThrow();
    expect(() => rlpInteger(-1n)).toThrow();
  });
});

describe('decodeRlp', () => {
  it.each([
    ['', 'UndersizeRLP'],
    ['83646f', 'UndersizeRLP'],
    ['c3c0', 'UndersizeRLP'],
    ['b8', 'UndersizeRLP'],
    ['b90100', 'UndersizeRLP'],
    ['bfffffffffffffffff', 'UndersizeRLP'],
    ['ffffffffffffffffff00', 'UndersizeRLP'],
    ['8000', 'OversizeRLP'],
    ['1234', 'OversizeRLP'],
    ['c0c0', 'OversizeRLP'],
    ['8100', 'BadRLP'],
    ['817f', 'BadRLP'],
    ['b801ff', 'BadRLP'],
    [`b837${'00'.repeat(55)}`, 'BadRLP'],
    [`b90038${'00'.repeat(56)}`, 'BadRLP'],
    ['f800', 'BadRLP'],
    ['c28100', 'BadRLP'],
    ['c183', 'UndersizeRLP'],
  ])('refuses %s as %s', (hex, reason) => {
    expect(decodeRlp(fromHex(hex))).toEqual({ ok: false, reason });
  });

  it('takes an encoding only if it is the encoding of its value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const decoded = decodeRlp(bytes);
        if (decoded.ok) expect(encodeRlp(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('bounds depth and items', () => {
    const nested = (lists: number): Uint8Array => {
      let encoded: Uint8Array = new Uint8Array([0xc0]);
      for (let i = 0; i < lists; i++) encoded = encodeRlpList(encoded);
      return encoded;
    };
    expect(decodeRlp(nested(15)).ok).toBe(true);
    expect(decodeRlp(nested(16))).toEqual({ ok: false, reason: 'TooDeep' });
    expect(decodeRlp(nested(5000))).toEqual({ ok: false, reason: 'TooDeep' });
    const wide = encodeRlpList(new Uint8Array(65_536).fill(0x80));
    expect(decodeRlp(wide)).toEqual({ ok: false, reason: 'TooManyItems' });
    expect(decodeRlp(wide, { maxDepth: 1, maxItems: 65_537 }).ok).toBe(true);
  });

  it('gives views, not copies', () => {
    const bytes = concatBytes(new Uint8Array([0x83]), utf8Bytes('dog'));
    const decoded = decodeRlp(bytes);
    if (!decoded.ok || !(decoded.value instanceof Uint8Array)) throw new Error('not a string');
    expect(decoded.value.buffer).toBe(bytes.buffer);
    expect(equalBytes(decoded.value, utf8Bytes('dog'))).toBe(true);
  });
});
