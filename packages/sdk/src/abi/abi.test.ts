import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SdkError } from '../sdkError.js';
import { readAbi } from './abi.js';

const { HelloWorld } = JSON.parse(
  readFileSync(new URL('../../../../test/golden/contracts.json', import.meta.url), 'utf8'),
) as { HelloWorld: { abi: unknown } };

describe('an ABI from outside', () => {
  it('is read from what solc wrote, as text or parsed', () => {
    const abi = readAbi(JSON.stringify(HelloWorld.abi));
    expect(abi).toEqual(readAbi(HelloWorld.abi));
    expect(abi.map((item) => ('name' in item ? item.name : item.type))).toEqual([
      'set',
      'get',
      'fail',
      'constructor',
      'Changed',
    ]);
  });

  it('may be of a compiler that did not know stateMutability', () => {
    const [item] = readAbi([{ name: 'get', constant: true, inputs: [], outputs: [{ type: 'bool' }] }]);
    expect(item).toMatchObject({ type: 'function', stateMutability: 'view' });
  });

  it('is refused when it is something else', () => {
    const read = (source: unknown) => {
      try {
        readAbi(source);
        return true;
      } catch (error) {
        return error instanceof SdkError;
      }
    };
    for (const source of [
      '',
      '{',
      '{}',
      '[{"type":"x"}]',
      [{ type: 'function' }],
      [null],
      [{ name: 'f', inputs: 7 }],
    ]) {
      expect(() => readAbi(source)).toThrow(SdkError);
    }
    fc.assert(fc.property(fc.anything(), (source) => read(source)));
    fc.assert(fc.property(fc.jsonValue(), (source) => read([source])));
  });
});
