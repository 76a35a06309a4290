/** Compiled and JavaScript arithmetic must give the same verdict on the same bytes, or two nodes part ways. */
import { concatBytes, fromBigInt, fromHex, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { binaryEcdsaSuites } from './binaryEcdsaSuites.js';
import { SUITE_FACTS } from './cryptoSuite.js';

const { order, generator } = SUITE_FACTS.ecdsa;
const fieldPrime = 2n ** 256n - 2n ** 32n - 977n;
const random = new SeededRandom(21);
const randomInputs = process.env['MENGLIAN_LONG'] === '1' ? 120_000 : 2000;
const secondsAllowed = process.env['MENGLIAN_LONG'] === '1' ? 900 : 60;

const javascript = await loadSuite('ecdsa', 'javascript');

/** Verdict of both methods as text, so that a difference shows what each said. */
function verdict(suite: typeof javascript, digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): string {
  const recovered = suite.recover(digest, signature);
  return `${recovered === undefined ? 'none' : toHex(recovered)} ${suite.verify(digest, signature, publicKey)}`;
}

function around(value: bigint): bigint[] {
  return [value - 1n, value, value + 1n];
}

describe.each(await binaryEcdsaSuites())('ecdsa providers agree: $provider and javascript', (suite) => {
  it('on every combination of edge values', () => {
    const privateKey = fromBigInt(7n, 32);
    const publicKey = javascript.publicKey(privateKey);
    const digests = [0n, 1n, 5n, ...around(order), 2n ** 256n - 1n].map((value) => fromBigInt(value, 32));
    const valid = javascript.sign(digests[1]!, privateKey);
    const rs = [0n, 1n, 2n, 5n, ...around(order / 2n), ...around(order), ...around(fieldPrime - order)];
    rs.push(...around(fieldPrime), 2n ** 256n - 1n, BigInt(`0x${generator.slice(0, 64)}`));
    const ss = [0n, 1n, 5n, ...around(order / 2n), order / 2n + 2n, ...around(order), 2n ** 256n - 1n];
    const halves = (values: bigint[], offset: number) => [
      ...values.map((value) => fromBigInt(value, 32)),
      valid.subarray(offset, offset + 32),
    ];
    let accepted = 0;
    for (const r of halves(rs, 0)) {
      for (const s of halves(ss, 32)) {
        for (const v of [0, 1, 2, 3, 27, 28, 255]) {
          const signature = concatBytes(r, s, Uint8Array.of(v));
          for (const digest of digests) {
            const answer = verdict(javascript, digest, signature, publicKey);
            if (answer.startsWith('none')) expect(answer).toBe('none false');
            else accepted++;
            expect(verdict(suite, digest, signature, publicKey)).toBe(answer);
          }
        }
      }
    }
    expect(accepted).toBeGreaterThan(100);
  });

  it('on public keys that are none', () => {
    const privateKey = random.bytes(32);
    const digest = random.bytes(32);
    const signature = javascript.sign(digest, privateKey);
    const right = javascript.publicKey(privateKey);
    const keys = [new Uint8Array(64), new Uint8Array(64).fill(255), fromHex(generator), right, right.toReversed()];
    keys.push(concatBytes(right.subarray(0, 32), fromBigInt(fieldPrime, 32)), right.subarray(1), new Uint8Array(0));
    for (const key of keys) {
      expect(suite.verify(digest, signature, key)).toBe(javascript.verify(digest, signature, key));
    }
  });

  it('on keys and signatures they make', () => {
    const keys = [1n, 2n, order - 1n, order - 2n].map((value) => fromBigInt(value, 32));
    const digests = [0n, 1n, ...around(order), 2n ** 256n - 1n].map((value) => fromBigInt(value, 32));
    for (let i = 0; i < 40; i++) {
      keys.push(random.bytes(32));
      digests.push(random.bytes(32));
    }
    for (const key of keys) {
      expect(suite.isPrivateKey(key)).toBe(javascript.isPrivateKey(key));
      expect(toHex(suite.publicKey(key))).toBe(toHex(javascript.publicKey(key)));
      const digest = random.pick(digests);
      expect(toHex(suite.sign(digest, key))).toBe(toHex(javascript.sign(digest, key)));
    }
    for (const digest of digests) {
      expect(toHex(suite.sign(digest, keys[0]!))).toBe(toHex(javascript.sign(digest, keys[0]!)));
    }
  });

  it(
    `on ${randomInputs} random, valid and damaged signatures`,
    () => {
      const outcomes = { recovered: 0, refused: 0, verified: 0 };
      for (let i = 0; i < randomInputs; i++) {
        const privateKey = random.bytes(32);
        privateKey[0]! &= 0x7f;
        const publicKey = suite.publicKey(privateKey);
        const digest = random.bytes(32);
        const signature = random.chance(20) ? random.bytes(65) : suite.sign(digest, privateKey);
        if (random.chance(10)) signature[64] = random.below(2);
        if (random.chance(40)) signature[random.below(65)]! ^= 1 << random.below(8);
        // `recover` alone does the arithmetic; `verify` would repeat it.
        const answer = javascript.recover(digest, signature);
        const other = suite.recover(digest, signature);
        expect(other === undefined ? 'none' : toHex(other)).toBe(answer === undefined ? 'none' : toHex(answer));
        outcomes[answer === undefined ? 'refused' : 'recovered']++;
        if (suite.verify(digest, signature, publicKey)) outcomes.verified++;
      }
      expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(randomInputs / 20);
    },
    secondsAllowed * 1000,
  );
});
