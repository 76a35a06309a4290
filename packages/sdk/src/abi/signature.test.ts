import { loadSuite } from '@menglian/crypto/loadSuite';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AbiParameter } from './abi.js';
import { encodeCall } from './functions.js';
import { functionOf, signatureText } from './signature.js';

const suite = await loadSuite('ecdsa');

const types = fc.letrec<{ type: string }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('uint256', 'address', 'bool', 'bytes4', 'string', 'int8[2]', 'bytes[]'),
    fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map((items) => `(${items.join(',')})`),
  ),
})).type;

describe('signatures', () => {
  it('become functions, and functions signatures', () => {
    fc.assert(
      fc.property(fc.array(types, { maxLength: 4 }), (inputs) => {
        const signature = `place(${inputs.join(',')})`;
        expect(signatureText(functionOf(signature))).toBe(signature);
      }),
    );
    expect(functionOf('place((uint8[],bool)[2],address)').inputs).toEqual([
      { type: 'tuple[2]', components: [{ type: 'uint8[]' }, { type: 'bool' }] },
      { type: 'address' },
    ]);
  });

  it('are enough for a call', () => {
    const data = encodeCall(suite, functionOf('place((uint8,bool))'), [[7n, true]]);
    expect(data.slice(10)).toBe(`${'7'.padStart(64, '0')}${'1'.padStart(64, '0')}`);
    expect(encodeCall(suite, functionOf('transfer(string,string,uint256)'), ['a', 'b', 7n]).slice(0, 10)).toBe(
      '0x9b80b050',
    );
  });

  it('have functions of contracts by their word, which is not how these are encoded', () => {
    const inputs: AbiParameter[] = [{ type: 'function' }];
    const callback = { type: 'function', name: 'on', inputs, outputs: [], stateMutability: 'view' } as const;
    expect(signatureText(callback)).toBe('on(function)');
    expect(encodeCall(suite, callback, [`0x${'ab'.repeat(24)}`]).slice(10)).toBe(`${'ab'.repeat(24)}${'00'.repeat(8)}`);
  });

  // oxfmt-ignore
  it.each([
    '', 'set', 'set(', '(string)', 'set(string) ', 'set( string)', 'set(,)', 'set((bool)', 'set(bool),(bool)',
    'set(text)', 'set(bool x)', '1set()', `set(${'('.repeat(3000)}`, `set(${'bool,'.repeat(2000)}bool)`,
  ])('refuses %s', (text) => {
    expect(() => functionOf(text)).toThrow('not the signature of a function');
  });

  it('may be any text', () => {
    const parts = fc.array(fc.constantFrom('set', '(', ')', ',', '[', ']', 'bool', '2'), { maxLength: 200 });
    fc.assert(
      fc.property(parts, (some) => {
        const text = some.join('');
        let found;
        try {
          found = functionOf(text);
        } catch (error) {
          expect(String(error)).toContain('not the signature of a function');
          return;
        }
        expect(signatureText(found)).toBe(text);
      }),
    );
  });
});
