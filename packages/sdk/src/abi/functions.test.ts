import { concatBytes, fromHex, utf8Bytes } from '@menglian/base/bytes';
import { errorString, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Hex, hexOf } from '../hex.js';
import { type Abi, readAbi } from './abi.js';
import { decodeOutput, encodeCall, encodeDeployment, functionFor, revertReason } from './functions.js';
import { signatureText } from './signature.js';
import { encodeValues } from './values.js';

const suite = await loadSuite('ecdsa');

const abi: Abi = readAbi([
  { type: 'constructor', inputs: [{ name: 'owner', type: 'address' }] },
  {
    type: 'function',
    name: 'transfer',
    inputs: [{ type: 'address' }, { type: 'uint256' }],
    outputs: [{ type: 'bool' }],
  },
  { type: 'function', name: 'set', inputs: [{ type: 'uint256' }], outputs: [] },
  { type: 'function', name: 'set', inputs: [{ type: 'string' }], outputs: [] },
  {
    type: 'function',
    name: 'place',
    inputs: [
      {
        name: 'o',
        type: 'tuple',
        components: [
          { name: 'a', type: 'uint8[]' },
          { name: 'b', type: 'bool' },
        ],
      },
    ],
    outputs: [{ type: 'uint256' }, { type: 'string' }],
  },
  {
    type: 'error',
    name: 'TooLittle',
    inputs: [
      { name: 'wanted', type: 'uint256' },
      { name: 'had', type: 'uint256' },
    ],
  },
]);

const hash = (bytes: Uint8Array) => suite.hash(bytes);

describe('functions', () => {
  it('are called by selector and arguments', () => {
    const place = functionFor(abi, 'place', [{ a: [1n], b: true }]);
    expect(signatureText(place)).toBe('place((uint8[],bool))');
    const to = `0x${'11'.repeat(20)}`;
    const data = encodeCall(suite, functionFor(abi, 'transfer', [to, 5n]), [to, 5n]);
    expect(data).toBe(`0xa9059cbb${'11'.repeat(20).padStart(64, '0')}${'5'.padStart(64, '0')}`);
  });

  it('of one name are told apart by their arguments', () => {
    expect(signatureText(functionFor(abi, 'set', [1n]))).toBe('set(uint256)');
    expect(signatureText(functionFor(abi, 'set', ['1']))).toBe('set(string)');
    expect(() => functionFor(abi, 'set', [true])).toThrow('give those of set(uint256) or set(string)');
    expect(() => functionFor(abi, 'get', [])).toThrow('the ABI has no function get');
  });

  it('are named by their signature where arguments do not tell', () => {
    const twins = readAbi([
      { type: 'function', name: 'put', inputs: [{ type: 'uint8' }] },
      { type: 'function', name: 'put', inputs: [{ type: 'uint256' }] },
      { type: 'function', name: 'put', inputs: [{ type: 'bytes4' }] },
      { type: 'function', name: 'put', inputs: [{ type: 'string' }] },
    ]);
    expect(() => functionFor(twins, 'put', [5n])).toThrow('several functions put take these arguments');
    expect(() => functionFor(twins, 'put', ['0x01020304'])).toThrow('call put(bytes4) or put(string) by that text');
    expect(signatureText(functionFor(twins, 'put', [500n]))).toBe('put(uint256)');
    expect(signatureText(functionFor(twins, 'put(uint8)', [5n]))).toBe('put(uint8)');
    expect(() => functionFor(twins, 'put(uint16)', [5n])).toThrow('the ABI has no function put(uint16)');
  });

  it('answer nothing, one value or several', () => {
    const output = (name: string, args: unknown[], values: unknown[]) => {
      const found = functionFor(abi, name, args);
      return decodeOutput(found, hexOf(encodeValues(found.outputs, values, name)));
    };
    expect(output('set', [1n], [])).toBeUndefined();
    expect(output('transfer', [`0x${'11'.repeat(20)}`, 1n], [true])).toBe(true);
    expect(output('place', [{ a: [], b: false }], [7n, 'x'])).toEqual([7n, 'x']);
    expect(() => decodeOutput(functionFor(abi, 'set', [1n]), '0x')).not.toThrow();
    expect(() => decodeOutput(functionFor(abi, 'place', [{ a: [], b: false }]), '0x00')).toThrow('is not of its ABI');
  });

  it('begin with the constructor', () => {
    expect(encodeDeployment(abi, '0x6001', [`0x${'22'.repeat(20)}`])).toBe(
      `0x6001${'22'.repeat(20).padStart(64, '0')}`,
    );
    expect(encodeDeployment([], '0x6001', [])).toBe('0x6001');
    expect(() => encodeDeployment(abi, '0x', [])).toThrow('the bytecode is empty');
    expect(() => encodeDeployment(abi, '0x60', [])).toThrow('the constructor got 0 arguments');
  });
});

describe('the reason of a failure', () => {
  const failing = (signature: string, types: string[], values: unknown[]): Hex => {
    const encoded = encodeValues(
      types.map((type) => ({ type })),
      values,
      signature,
    );
    return hexOf(concatBytes(selector(hash, signature), encoded));
  };

  it('is a text, a panic or an error of the contract', () => {
    const text = hexOf(errorString(hash, String.fromCharCode(...utf8Bytes('不行'))));
    expect(revertReason(suite, text)?.text).toBe('不行');
    expect(revertReason(suite, failing('Panic(uint256)', ['uint256'], [0x12n]))?.text).toBe('a division by zero');
    expect(revertReason(suite, failing('Panic(uint256)', ['uint256'], [0x99n]))?.text).toBe('panic 153');
    const custom = failing('TooLittle(uint256,uint256)', ['uint256', 'uint256'], [9n, 5n]);
    expect(revertReason(suite, custom, abi)).toEqual({
      name: 'TooLittle',
      arguments: [9n, 5n],
      text: 'TooLittle(9, 5)',
    });
    expect(revertReason(suite, custom)).toBeUndefined();
  });

  it('may be any bytes', () => {
    const begun = fromHex('08c379a0');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        revertReason(suite, hexOf(bytes), abi);
        revertReason(suite, hexOf(concatBytes(begun, bytes)), abi);
      }),
    );
  });
});
