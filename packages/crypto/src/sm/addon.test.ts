/** Both providers of the suite `sm` must make the same signatures, to the bit. */
import { fromBigInt, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { describe, expect, it } from 'vitest';
import { loadSuite } from '../loadSuite.js';
import { SM2_ORDER } from '../sm2Curve.js';

const addon = await loadSuite('sm', 'addon').catch(() => undefined);

describe.runIf(addon !== undefined)('sm, addon', () => {
  const suite = addon!;
  const random = new SeededRandom(31);

  function privateKeys(): Uint8Array[] {
    const edges = [1n, 2n, 3n, 63n, 64n, 65n, 127n, 128n].flatMap((value) => [value, SM2_ORDER - 1n - value]);
    // Digits of seven bits that are all as large, or as small, as they can be.
    let high = 0n;
    for (let bit = 0n; bit < 252n; bit += 7n) high |= 64n << bit;
    edges.push(high, high - 1n, (1n << 255n) - 1n, 1n << 255n);
    return [...edges.map((value) => fromBigInt(value, 32)), ...Array.from({ length: 20 }, () => random.bytes(32))];
  }

  it('has the public keys of JavaScript', async () => {
    const javascript = await loadSuite('sm', 'javascript');
    for (const key of privateKeys()) expect(toHex(suite.publicKey(key))).toBe(toHex(javascript.publicKey(key)));
  });

  it('makes the signatures of JavaScript, with entropy and without', async () => {
    for (const entropy of [undefined, random.bytes(32)]) {
      const options = entropy === undefined ? {} : { entropy: () => entropy };
      const [ours, theirs] = await Promise.all([
        loadSuite('sm', 'addon', options),
        loadSuite('sm', 'javascript', options),
      ]);
      for (const key of privateKeys()) {
        const digest = random.bytes(32);
        const signature = ours.sign(digest, key);
        expect(toHex(signature)).toBe(toHex(theirs.sign(digest, key)));
        expect(ours.recover(digest, signature)).toEqual(theirs.publicKey(key));
        expect(theirs.recover(digest, signature)).toEqual(ours.publicKey(key));
      }
    }
  });

  it('takes 32 bytes of entropy or none, which change r', async () => {
    const digest = random.bytes(32);
    const key = random.bytes(32);
    const withEntropy = await loadSuite('sm', 'addon', { entropy: () => new Uint8Array(32) });
    expect(toHex(withEntropy.sign(digest, key)).slice(0, 64)).not.toBe(toHex(suite.sign(digest, key)).slice(0, 64));
    const wrong = await loadSuite('sm', 'addon', { entropy: () => new Uint8Array(31) });
    expect(() => wrong.sign(digest, key)).toThrow('crypto/entropy-length');
  });
});
