/** The provider in JavaScript answers what sm2.ts does, before and after it has multiples of a key. */
import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { loadSuite } from '../loadSuite.js';
import { sm2Verify } from '../sm2.js';
import { DAMAGES, randomScalar, signWithNonce } from './testing/forgery.js';
import { createJavascriptArithmetic } from './javascript.js';

const random = new SeededRandom(14);

describe('sm, javascript', () => {
  it('gives the same verdicts however often it has seen a key', async () => {
    const suite = await loadSuite('sm', 'javascript');
    const privateKey = randomScalar(random);
    const kinds = Object.keys(DAMAGES);
    for (let i = 0; i < 60; i++) {
      const valid = signWithNonce(random.bytes(32), privateKey, randomScalar(random));
      const other = signWithNonce(random.bytes(32), i % 2 === 0 ? privateKey : randomScalar(random), 5n);
      const check = i % 3 === 0 ? valid : DAMAGES[random.pick(kinds)]!(valid, other, random);
      const { digest, signature } = check;
      const expected =
        digest.length === 32 && signature.length === 128
          ? sm2Verify(digest, signature.subarray(0, 64), signature.subarray(64))
          : false;
      expect(suite.recover(digest, signature) !== undefined).toBe(expected);
    }
  });

  it('remembers a bounded number of keys, and refuses what is none', () => {
    const arithmetic = createJavascriptArithmetic();
    const check = signWithNonce(random.bytes(32), 3n, 9n);
    for (let i = 0; i < 40; i++) {
      const { digest, signature } = signWithNonce(random.bytes(32), BigInt(10 + i), 9n);
      expect(arithmetic.verify(digest, signature)).toBe(true);
      expect(arithmetic.verify(check.digest, check.signature)).toBe(true);
      const offCurve = signature.slice();
      offCurve[127]! ^= 1;
      expect(arithmetic.verify(digest, offCurve)).toBe(false);
    }
  });
});
