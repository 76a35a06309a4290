import { decodeAbi } from '@menglian/codec/abi';
import { fromHex } from '@menglian/base/bytes';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AbiParameter } from './abi.js';
import { decodeValues, encodeValues, typeText } from './values.js';

const order: AbiParameter = {
  name: 'order',
  type: 'tuple[2]',
  components: [
    { name: 'buyer', type: 'address' },
    { name: 'prices', type: 'int64[]' },
    { name: 'note', type: 'tuple', components: [{ type: 'string' }, { type: 'bytes4' }] },
  ],
};

function outcome(run: () => unknown): string {
  try {
    return String(run());
  } catch (error) {
    return (error as Error).message;
  }
}

describe('values of the ABI', () => {
  it('have the type texts of signatures', () => {
    expect(typeText(order)).toBe('(address,int64[],(string,bytes4))[2]');
  });

  it('survive encoding, structs as objects where they have names', () => {
    const value = [1, 2].map((digit) => ({
      buyer: `0x${String(digit).repeat(40)}`,
      prices: [-5n, 7n],
      note: ['盟链', '0x00ff00ff'],
    }));
    expect(decodeValues([order], encodeValues([order], [value], 'f'))).toEqual([value]);
  });

  it('take any text and any bytes', () => {
    const types: AbiParameter[] = [{ type: 'string' }, { type: 'bytes' }, { type: 'uint256' }];
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array(),
        fc.bigInt(0n, 2n ** 256n - 1n),
        (text, data, number) => {
          const hex = `0x${Buffer.from(data).toString('hex')}`;
          expect(decodeValues(types, encodeValues(types, [text, hex, number], 'f'))).toEqual([text, hex, number]);
        },
      ),
    );
  });

  it('are what Solidity reads: text is UTF-8', () => {
    const decoded = decodeAbi(['string'], encodeValues([{ type: 'string' }], ['é'], 'f'));
    expect(decoded.ok && decoded.value[0]).toBe('\u00c3\u00a9');
  });

  it('are refused by the name of the argument', () => {
    const cases: [AbiParameter, unknown][] = [
      [{ name: 'a', type: 'uint8' }, 256n],
      [{ name: 'a', type: 'uint8' }, 1],
      [{ name: 'a', type: 'int8' }, 128n],
      [{ name: 'a', type: 'address' }, '0x12'],
      [{ name: 'a', type: 'bytes4' }, '0x12'],
      [{ name: 'a', type: 'bool' }, 'true'],
      [{ name: 'a', type: 'string' }, undefined],
      [{ name: 'a', type: 'uint8[2]' }, [1n]],
      [{ name: 'a', type: 'uint8[]' }, [1n, '2']],
      [{ name: 'a', type: 'tuple', components: [{ name: 'x', type: 'bool' }] }, { y: true }],
    ];
    expect(cases.map(([parameter, value]) => outcome(() => encodeValues([parameter], [value], 'f')))).toEqual([
      'f, argument a is 256 (BadArgument); give a number that uint8 holds',
      'f, argument a is 1 (BadArgument); give a bigint like 1n',
      'f, argument a is 128 (BadArgument); give a number that int8 holds',
      'f, argument a has 1 bytes, not 20: "0x12" (BadArgument); write 0x and 40 digits',
      'f, argument a has 1 bytes, not 4: "0x12" (BadArgument); write 0x and 8 digits',
      'f, argument a is "true" (BadArgument); give true or false',
      'f, argument a is undefined (BadArgument); give text',
      'f, argument a is an object (BadArgument); give 2 values',
      'f, argument a[1] is "2" (BadArgument); give a bigint like 1n',
      'f, argument a.x is undefined (BadArgument); give true or false',
    ]);
    expect(outcome(() => encodeValues([{ name: 'a', type: 'bool' }], [], 'f'))).toContain('(bool a)');
  });

  it('may be structs of 60 members', () => {
    const types = ['uint256', 'address', 'string', 'bytes32', 'bool'];
    const components = Array.from({ length: 60 }, (_, index) => ({
      name: `member${index}`,
      type: types[index % types.length]!,
    }));
    const large: AbiParameter = { name: 'large', type: 'tuple[]', components };
    const values = [1n, `0x${'11'.repeat(20)}`, '盟链', `0x${'22'.repeat(32)}`, true];
    const value = Object.fromEntries(components.map(({ name }, index) => [name, values[index % values.length]]));
    expect(decodeValues([large], encodeValues([large], [[value, value]], 'f'))).toEqual([[value, value]]);
  });

  it('that are damaged decode to nothing', () => {
    expect(decodeValues([{ type: 'string' }], fromHex('00'))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (data) => void decodeValues([order], data)));
  });
});
