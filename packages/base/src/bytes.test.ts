import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromBigInt,
  fromBigIntMinimal,
  fromByteString,
  fromHex,
  parseHex,
  toBigInt,
  toByteString,
  toHex,
} from './bytes.js';

describe('integers', () => {
  it('come back from bytes of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), (bytes) => {
        const value = toBigInt(bytes);
        expect(value).toBe(BigInt(`0x${toHex(bytes)}`));
        expect(fromBigInt(value, bytes.length)).toEqual(bytes);
        expect(toBigInt(fromBigIntMinimal(value))).toBe(value);
      }),
    );
    expect(toBigInt(new Uint8Array(0))).toBe(0n);
  });
});

describe('hexadecimal text', () => {
  it('comes back, in either case, with or without prefix', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromHex(`0x${toHex(bytes).toUpperCase()}`)).toEqual(bytes);
      }),
    );
  });

  it.each(['0', '0x0', 'zz', '0X00', '0x0g', ' 00', '００'])('is not %j', (text) => {
    expect(parseHex(text)).toBe(undefined);
    expect(() => fromHex(text)).toThrow(RangeError);
  });
});

describe('byte strings', () => {
  it('come back, long ones too', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromByteString(toByteString(bytes))).toEqual(bytes);
      }),
    );
    const long = new Uint8Array(1_000_000).fill(200);
    expect(fromByteString(toByteString(long))).toEqual(long);
    expect(() => fromByteString('漢')).toThrow(RangeError);
  });
});
