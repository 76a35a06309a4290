import { EMPTY_BYTES, toHex } from '@menglian/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BinaryReader, BinaryWriter } from './binary.js';

type Field =
  | { readonly kind: 'u8' | 'u16' | 'u32' | 'u64'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'bigint256'; readonly value: bigint }
  | { readonly kind: 'bytes' | 'blob'; readonly value: Uint8Array };

const arbitraryField: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.nat(0xff) }),
  fc.record({ kind: fc.constant('u16' as const), value: fc.nat(0xffff) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffff_ffff }) }),
  fc.record({ kind: fc.constant('u64' as const), value: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant('bool' as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant('bigint256' as const), value: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }) }),
  fc.record({
    kind: fc.constantFrom<'bytes' | 'blob'>('bytes' as const, 'blob' as const),
    value: fc.uint8Array({ maxLength: 600 }),
  }),
);

function write(fields: readonly Field[], expectedBytes?: number): Uint8Array {
  const writer = new BinaryWriter(expectedBytes);
  for (const field of fields) {
    switch (field.kind) {
      case 'bool':
        writer.bool(field.value);
        break;
      case 'bigint256':
        writer.bigint256(field.value);
        break;
      case 'bytes':
      case 'blob':
        writer[field.kind](field.value);
        break;
      default:
        writer[field.kind](field.value);
    }
  }
  return writer.finish();
}

function read(reader: BinaryReader, field: Field): unknown {
  if (field.kind === 'bytes') return reader.bytes(field.value.length);
  if (field.kind === 'blob') return reader.blob(600);
  return reader[field.kind]();
}

describe('BinaryWriter and BinaryReader', () => {
  it('give back what was written, whatever the first size of the buffer', () => {
    fc.assert(
      fc.property(fc.array(arbitraryField), fc.nat(100), (fields, expectedBytes) => {
        const bytes = write(fields, expectedBytes);
        const reader = new BinaryReader(bytes);
        for (const field of fields) expect(read(reader, field)).toEqual(field.value);
        expect(reader.end()).toBe(undefined);
        expect(bytes).toEqual(write(fields));
      }),
    );
  });

  it('read a part of the bytes as a named reason', () => {
    fc.assert(
      fc.property(fc.array(arbitraryField, { minLength: 1 }), fc.nat(), (fields, cut) => {
        const bytes = write(fields);
        fc.pre(bytes.length > 0);
        const reader = new BinaryReader(bytes.subarray(0, cut % bytes.length));
        for (const field of fields) read(reader, field);
        expect(reader.end()).toBe('UnexpectedEnd');
      }),
    );
  });

  it('write integers big-endian and blobs behind their length', () => {
    const writer = new BinaryWriter()
      .u8(1)
      .u16(2)
      .u32(3)
      .u64(2 ** 40)
      .bool(true)
      .blob(new Uint8Array([9]));
    expect(toHex(writer.finish())).toBe('01 0002 00000003 0000010000000000 01 0000000109'.replaceAll(' ', ''));
  });

  it('refuse to write what a field cannot hold', () => {
    const writer = new BinaryWriter();
    expect(() => writer.u8(256)).toThrow();
    expect(() => writer.u16(-1)).toThrow();
    expect(() => writer.u32(2 ** 32)).toThrow();
    expect(() => writer.u64(2 ** 53)).toThrow();
    expect(() => writer.bigint256(2n ** 256n)).toThrow();
  });
});

describe('BinaryReader', () => {
  it('names trailing bytes', () => {
    const reader = new BinaryReader(new Uint8Array(2));
    reader.u8();
    expect(reader.result('value')).toEqual({ ok: false, reason: 'TrailingBytes' });
  });

  it('refuses values that a field cannot hold', () => {
    const tooLarge = new BinaryReader(new Uint8Array(8).fill(0xff));
    expect([tooLarge.u64(), tooLarge.end()]).toEqual([0, 'BadValue']);
    const bool = new BinaryReader(new Uint8Array([2]));
    expect([bool.bool(), bool.end()]).toEqual([false, 'BadValue']);
  });

  it('bounds blobs and counts before it reads', () => {
    const blob = new BinaryReader(new BinaryWriter().blob(new Uint8Array(5)).finish());
    expect([blob.blob(4), blob.end()]).toEqual([EMPTY_BYTES, 'TooLong']);
    const many = new BinaryReader(new BinaryWriter().u32(11).bytes(new Uint8Array(11)).finish());
    expect([many.count(10, 1), many.end()]).toEqual([0, 'TooLong']);
    const missing = new BinaryReader(new BinaryWriter().u32(0xffff_ffff).bytes(new Uint8Array(64)).finish());
    expect([missing.count(0xffff_ffff, 32), missing.end()]).toEqual([0, 'UnexpectedEnd']);
    const held = new BinaryReader(new BinaryWriter().u32(2).bytes(new Uint8Array(64)).finish());
    expect([held.count(2, 32), held.failed]).toEqual([2, undefined]);
  });

  it('keeps the first reason, and nothing remains after it', () => {
    const reader = new BinaryReader(new Uint8Array(3));
    reader.u32();
    reader.fail('BadValue');
    expect([reader.u8(), reader.u16(), reader.remaining, reader.bytes(1)]).toEqual([0, 0, 0, EMPTY_BYTES]);
    expect(reader.end()).toBe('UnexpectedEnd');
  });

  it('gives its value when all was read', () => {
    expect(new BinaryReader(EMPTY_BYTES).result('value')).toEqual({ ok: true, value: 'value' });
  });
});
