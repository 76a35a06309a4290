import { toByteString } from '@menglian/base/bytes';
import { decodeAbiLenient, encodeAbi } from '@menglian/codec/abi';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlainArguments } from './plainArguments.js';

const values: Readonly<Record<string, fc.Arbitrary<string | bigint>>> = {
  string: fc.uint8Array({ maxLength: 300 }).map(toByteString),
  uint256: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), fc.nat().map(BigInt)),
  address: fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex')),
};

const call = fc
  .array(fc.constantFrom('string', 'uint256', 'address'), { maxLength: 6 })
  .chain((types) => fc.tuple(fc.constant(types), fc.tuple(...types.map((type) => values[type]!))));

/** Where it answers at all, it answers as the full decoder. */
function expectSame(types: readonly string[], data: Uint8Array): void {
  const plain = readPlainArguments(types, data, 4);
  if (plain === undefined) return;
  expect(decodeAbiLenient(types, data.subarray(4))).toStrictEqual({ ok: true, value: plain });
}

describe('plain arguments', () => {
  it('are what was encoded', () => {
    fc.assert(
      fc.property(call, ([types, list]) => {
        const data = Uint8Array.of(1, 2, 3, 4, ...encodeAbi(types, list));
        const isPlain = list.every((value) => typeof value === 'bigint' || value.length <= 256);
        expect(readPlainArguments(types, data, 4)).toStrictEqual(isPlain ? list : undefined);
        expectSame(types, data);
      }),
    );
  });

  it('are those of the full decoder for data that was cut or changed, or left to it', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.nat({ max: 400 }));
    fc.assert(
      fc.property(call, fc.array(change, { maxLength: 3 }), fc.nat({ max: 40 }), ([types, list], changes, cut) => {
        const data = Uint8Array.of(1, 2, 3, 4, ...encodeAbi(types, list));
        for (const [place, byte] of changes) data[4 + (place % Math.max(1, data.length - 4))] = byte;
        expectSame(types, data);
        expectSame(types, data.subarray(0, Math.max(4, data.length - cut)));
      }),
      { numRuns: 1000 },
    );
  });

  it('of other types are left to the full decoder', () => {
    expect(readPlainArguments(['bytes32'], new Uint8Array(64), 4)).toBeUndefined();
  });
});
