import type { AbiParameter } from '@menglian/sdk/abi/abi';
import { readAbi } from '@menglian/sdk/abi/abi';
import { encodeValues } from '@menglian/sdk/abi/values';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseFunction, exampleOf, readAbiValues } from './abiValues.js';
import { tokens } from './tokens.js';

function given(line: string) {
  const read = tokens(line);
  if (!read.ok) throw new Error(read.reason.message.en);
  return read.value;
}

function readOne(type: string, text: string, components?: readonly AbiParameter[]) {
  return readAbiValues([{ type, name: 'x', ...(components && { components }) }], given(text), 'call C latest f');
}

const POINT: readonly AbiParameter[] = [
  { type: 'uint256', name: 'a' },
  { type: 'string', name: 'b' },
];

describe('values of the ABI', () => {
  it.each([
    ['uint256', '7', 7n],
    ['uint8', '255', 255n],
    ['uint256', '0xff', 255n],
    ['int8', '-128', -128n],
    ['int256', '-1', -1n],
    ['bool', 'true', true],
    ['address', '0x2C7536E3605D9C16a7a3D7b1898e529396a65c23', '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23'],
    ['string', '"a b"', 'a b'],
    ['string', 'plain', 'plain'],
    ['string', '""', ''],
    ['string', '[1]', '[1]'],
    ['bytes', '0x', '0x'],
    ['bytes', '0x1234', '0x1234'],
    ['bytes4', '0x12345678', '0x12345678'],
    ['uint256[]', '[]', []],
    ['uint256[]', '[1, 2]', [1n, 2n]],
    [
      'uint256[2][]',
      '[[1,2],[3,4]]',
      [
        [1n, 2n],
        [3n, 4n],
      ],
    ],
    ['string[]', '["a, b", c]', ['a, b', 'c']],
  ])('%s: %s', (type, text, expected) => {
    expect(readOne(type, text)).toEqual({ ok: true, value: [expected] });
  });

  it('reads structs', () => {
    expect(readOne('tuple', '(1, "a")', POINT)).toEqual({ ok: true, value: [[1n, 'a']] });
    expect(readOne('tuple[]', '[(1,a),(2,"b c")]', POINT)).toEqual({
      ok: true,
      value: [
        [
          [1n, 'a'],
          [2n, 'b c'],
        ],
      ],
    });
  });

  it.each([
    ['uint8', '256', 'x is "256", and uint8 is wanted'],
    ['uint256', '-1', 'x is "-1"'],
    ['uint256', '"1"', 'x is "1"'],
    ['uint256', '1.5', 'x is "1.5"'],
    ['uint256', 'ten', 'x is "ten"'],
    ['int8', '128', 'x is "128"'],
    ['bool', 'yes', 'x is "yes", and bool is wanted'],
    ['address', '0x12', 'x is "0x12", and address is wanted'],
    ['bytes', '12', 'x is "12"'],
    ['bytes', '0x123', 'x is "0x123"'],
    ['bytes4', '0x12', 'x is "0x12"'],
    ['uint256[]', '1', 'x is "1", and uint256[] is wanted'],
    ['uint256[2]', '[1]', 'x is "[1]", and uint256[2] is wanted'],
    ['uint256[]', '[1,x]', 'x[1] is "x", and uint256 is wanted'],
    ['uint256[][]', '[[1],[true]]', 'x[1][0] is "true"'],
  ])('%s: %s is refused with its place', (type, text, sentence) => {
    const read = readOne(type, text);
    expect(read).toMatchObject({ ok: false, reason: { code: 'C11' } });
    if (read.ok) return;
    expect(read.reason.message.en).toContain(sentence);
    expect(read.reason.advice.en).toMatch(/for example \S/);
    expect(read.reason.advice.zh).toContain('例如');
  });

  it('names the member of a struct', () => {
    const read = readOne('tuple[]', '[(1,a),(b,c)]', POINT);
    expect(!read.ok && read.reason.message.en).toBe('argument 1: x[1].a is "b", and uint256 is wanted');
  });

  it('says what is wanted when the count is wrong', () => {
    const read = readAbiValues(POINT, given('1'), 'deploy C');
    expect(read).toMatchObject({
      ok: false,
      reason: { code: 'C11', advice: { en: 'give (uint256 a, string b)' }, example: 'deploy C 1 "text"' },
    });
  });

  /** Types as deep as contracts have them. */
  const { type } = fc.letrec<{ type: AbiParameter }>((tie) => ({
    type: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      fc
        .constantFrom('uint256', 'uint8', 'int64', 'bool', 'address', 'string', 'bytes', 'bytes32', 'bytes1')
        .map((name): AbiParameter => ({ type: name })),
      fc
        .tuple(tie('type'), fc.constantFrom('[]', '[1]', '[3]'))
        .map(([item, suffix]): AbiParameter => ({ ...item, type: item.type + suffix })),
      fc
        .array(tie('type'), { minLength: 1, maxLength: 3 })
        .map((components): AbiParameter => ({ type: 'tuple', components })),
    ),
  }));

  it('shows examples that are right, whatever the type', () => {
    fc.assert(
      fc.property(type, (parameter) => {
        const read = readAbiValues([parameter], given(exampleOf(parameter)), 'f');
        expect(read.ok).toBe(true);
        if (read.ok) expect(encodeValues([parameter], read.value, 'f').length).toBeGreaterThan(0);
      }),
    );
  });

  it('takes any text for any type without a throw, and what it takes can be encoded', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0x1a-[](),"\\ e') }));
    fc.assert(
      fc.property(type, text, fc.boolean(), (parameter, text, isQuoted) => {
        const read = readAbiValues([parameter], [{ text, isQuoted }], 'f');
        if (read.ok) encodeValues([parameter], read.value, 'f');
      }),
    );
  });

  it.each([
    'uint7',
    'uint99999999999999999999',
    'bytes33',
    'bytes99999999999999',
    'fixed128x18',
    'uint256[99999999]',
    `uint256${'[4]'.repeat(30)}`,
    'mapping',
    '',
  ])('refuses a type that nobody knows: %s', (type) => {
    expect(readOne(type, '1')).toMatchObject({ ok: false, reason: { code: 'C11' } });
  });

  it('is not carried away by brackets', () => {
    const deep = `${'['.repeat(5000)}1${']'.repeat(5000)}`;
    expect(readOne(`uint256${'[]'.repeat(20)}`, deep).ok).toBe(false);
  });
});

describe('functions by name', () => {
  const abi = readAbi([
    { type: 'function', name: 'put', inputs: [{ type: 'uint256', name: 'n' }], outputs: [] },
    { type: 'function', name: 'put', inputs: [{ type: 'string', name: 's' }], outputs: [] },
    { type: 'function', name: 'get', inputs: [], outputs: [], stateMutability: 'view' },
  ]);

  it.each([
    ['put', '7', 'uint256'],
    ['put', '"7"', 'string'],
    ['put', 'seven', 'string'],
    ['put(string)', '7', 'string'],
    ['put( string )', '7', 'string'],
  ])('%s %s means %s', (name, line, expected) => {
    const chosen = chooseFunction(abi, name, given(line), 'call C latest');
    expect(chosen.ok && chosen.value.found.inputs[0]!.type).toBe(expected);
  });

  it('lists what there is', () => {
    const chosen = chooseFunction(abi, 'push', [], 'call C latest');
    expect(chosen).toMatchObject({
      ok: false,
      reason: { code: 'C10', advice: { en: 'it has put(uint256), put(string), get()' } },
    });
  });

  it('shows a whole line as example', () => {
    const chosen = chooseFunction(abi, 'put', [], 'call C latest');
    expect(!chosen.ok && chosen.reason.example).toBe('call C latest put 1');
  });
});
