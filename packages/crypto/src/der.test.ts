import { concatBytes, equalBytes, fromBigInt, fromHex, toHex } from '@menglian/base/bytes';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derElement, derInteger, derItems, derSequence, DerTag, derUnsigned } from './der.js';
import { derSignature, parseDerSignature } from './sm2Der.js';

describe('der', () => {
  it('takes any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void derItems(bytes)));
  });

  it('reads what it wrote, at every size of length', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const content = new Uint8Array(length).fill(0x30);
      const encoded = derElement(DerTag.octetString, content);
      const [item, ...rest] = derItems(encoded)!;
      expect([item!.tag, rest.length]).toEqual([DerTag.octetString, 0]);
      // Comparing long arrays with `toEqual` takes half a second each.
      expect(equalBytes(item!.content, content) && equalBytes(item!.encoded, encoded)).toBe(true);
      expect(derItems(encoded.subarray(0, encoded.length - 1))).toBeUndefined();
    }
  });

  it('refuses lengths that are not in their shortest form, indefinite or too long', () => {
    for (const hex of ['048100', '04817f', '04820080', '0480', '0485000000000100', '04', '1f0100', '0401']) {
      expect(derItems(fromHex(hex))).toBeUndefined();
    }
    expect(derItems(new Uint8Array(4000))).toBeUndefined();
    expect(derSequence(fromHex('30003000'))).toEqual([]);
  });

  it('reads unsigned integers in their shortest form only', () => {
    const read = (hex: string) => derUnsigned(derItems(fromHex(hex))?.[0]);
    expect(toHex(read('020100')!)).toBe('');
    expect(toHex(read('02017f')!)).toBe('7f');
    expect(toHex(read('02020080')!)).toBe('80');
    for (const hex of ['0200', '020180', '0202007f', '0203000080', '040100']) expect(read(hex)).toBeUndefined();
    expect(toHex(derInteger(0n))).toBe('020100');
    expect(toHex(derInteger(128n))).toBe('02020080');
  });
});

describe('a signature in der', () => {
  it('is read as it was written, and has one form', () => {
    const half = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
    fc.assert(
      fc.property(half, half, (r, s) => {
        const signature = concatBytes(fromBigInt(r, 32), fromBigInt(s, 32));
        expect(parseDerSignature(derSignature(signature))).toEqual(signature);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const signature = parseDerSignature(bytes);
        if (signature !== undefined) expect(derSignature(signature)).toEqual(bytes);
      }),
    );
  });

  it('is refused with anything around or inside of it', () => {
    const r = '0220' + '01'.repeat(32);
    for (const hex of [
      '',
      `3024${r}0201`,
      `3022${r}`,
      `3025${r}02010100`,
      `3028${r}020101020101`,
      `302602210001${'01'.repeat(31)}0201010500`,
      `30260221${'01'.repeat(33)}020101`,
      `3025${r}020180`,
      `3125${r}020101`,
    ]) {
      expect(parseDerSignature(fromHex(hex)), hex).toBeUndefined();
    }
    expect(parseDerSignature(fromHex(`3025${r}020101`))).toBeDefined();
  });
});
