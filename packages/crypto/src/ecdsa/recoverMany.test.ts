/**
 * Checking in bulk must answer what single recovery answers, whatever the batch: the oracle is the npm package of
 * libsecp256k1, one signature at a time, and JavaScript on a sample.
 */
import { existsSync } from 'node:fs';
import { equalBytes, fromBigInt, toBigInt, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSuite, type ProviderPreference } from '../loadSuite.js';
import type { CryptoSuite, SignatureCheck } from '../suite.js';
import {
  DAMAGES,
  type GuessedCheck,
  LAMBDA,
  modulo,
  ORDER,
  publicKeyOf,
  randomScalar,
  signMany,
  signWithNonce,
} from './testing/forgery.js';

const isLong = process.env['MENGLIAN_LONG'] === '1';
const inputs = isLong ? 1_000_000 : 4000;

async function loadIfThere(provider: ProviderPreference): Promise<CryptoSuite | undefined> {
  return loadSuite('ecdsa', provider).catch(() => undefined);
}

const addon = await loadIfThere('addon');
const native = await loadIfThere('native');
const javascript = await loadSuite('ecdsa', 'javascript');
const oracle = native ?? javascript;

/** Chooses how the addon computes; the vectors of processors without them are tested on others. */
async function useVectors(wanted: boolean): Promise<boolean> {
  const module = await import('../../native/load.cjs');
  return module.default.useVectors(wanted);
}

const inVectors = addon !== undefined && (await useVectors(true));
it('loads the addon that was built', () => {
  const folder = new URL(`../../native/build/${process.platform}-${process.arch}/`, import.meta.url);
  if (existsSync(new URL('secp256k1.node', folder))) expect(addon?.provider).toBe('addon');
});

/** What a check is worth by itself: a key in hexadecimal text, or `none`. */
function single(suite: CryptoSuite, { digest, signature }: SignatureCheck): string {
  const key = suite.recover(digest, signature);
  return key === undefined ? 'none' : toHex(key);
}

/** @returns how many guesses were right, and how many checks had no signer */
function expectSingleAnswers(suite: CryptoSuite, checks: readonly SignatureCheck[], expected: readonly string[]) {
  const answers = suite.recoverMany(checks);
  expect(answers.length).toBe(checks.length);
  let right = 0;
  let refused = 0;
  for (const [i, answer] of answers.entries()) {
    const guess = checks[i]!.likelyKey;
    if ((answer === undefined ? 'none' : toHex(answer)) !== expected[i]) {
      expect(`check ${i}: ${answer === undefined ? 'none' : toHex(answer)}`).toBe(`check ${i}: ${expected[i]}`);
    }
    // The guess itself comes back where it is right, and no wrong one ever.
    if (answer !== undefined && guess !== undefined && equalBytes(answer, guess) !== (answer === guess)) {
      expect(`check ${i} gives back its guess`).toBe(equalBytes(answer, guess));
    }
    if (answer === undefined) refused++;
    else if (answer === guess) right++;
  }
  return { right, refused };
}

function expectAgreement(suite: CryptoSuite, checks: readonly SignatureCheck[]) {
  return expectSingleAnswers(
    suite,
    checks,
    checks.map((check) => single(oracle, check)),
  );
}

function spoil(checks: readonly GuessedCheck[], at: number, kind: string, random: SeededRandom): SignatureCheck {
  return DAMAGES[kind]!(checks[at]!, checks[(at + 1 + random.below(checks.length - 1)) % checks.length]!, random);
}

/** A batch of which about `percent` are spoilt, some twice the same. */
function mixed(checks: readonly GuessedCheck[], percent: number, random: SeededRandom): SignatureCheck[] {
  const kinds = Object.keys(DAMAGES);
  const batch = checks.map((check, i) =>
    random.chance(percent) ? spoil(checks, i, random.pick(kinds), random) : check,
  );
  if (random.chance(20)) batch.push(...batch.slice(0, 1 + random.below(5)));
  return batch;
}

const ways: [string, CryptoSuite | undefined, boolean][] = [
  ['addon, eight at a time', inVectors ? addon : undefined, true],
  ['addon, one at a time', addon, false],
];

describe.each(ways.filter(([, suite]) => suite !== undefined))('recoverMany: %s', (name, maybe, vectors) => {
  const suite = maybe!;
  const random = new SeededRandom(name.length);

  beforeAll(async () => {
    if (suite === addon) await useVectors(vectors);
  });
  afterAll(async () => {
    if (suite === addon) await useVectors(true);
  });

  it.each([0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 33, 100, 600])(
    'accepts %i valid ones, by any number of signers',
    (n) => {
      for (const signers of new Set([1, 2, 8, n])) {
        const checks = signers === 0 ? [] : signMany(oracle, random, n, signers);
        expect(expectAgreement(suite, checks)).toEqual({ right: n, refused: 0 });
      }
    },
  );

  it('splits what is more than one call can hold', () => {
    const checks = signMany(oracle, random, 64, 8);
    const many = Array.from({ length: 4096 + 70 }, (_, i) => checks[i % 64]!);
    many[4095] = { ...many[4095]!, likelyKey: checks[0]!.likelyKey };
    many[4096] = { ...many[4096]!, digest: checks[1]!.digest };
    const expected = many.map((check, i) => (i === 4096 ? single(oracle, check) : toHex(checks[i % 64]!.likelyKey)));
    expect(expectSingleAnswers(suite, many, expected).refused).toBe(0);
  });

  it.each(Object.keys(DAMAGES))('finds one spoilt in each place: %s', (kind) => {
    const checks = signMany(oracle, random, 21, 5);
    for (let at = 0; at < checks.length; at++) {
      const batch: SignatureCheck[] = checks.slice();
      batch[at] = spoil(checks, at, kind, random);
      const { right } = expectAgreement(suite, batch);
      expect(right).toBeGreaterThanOrEqual(checks.length - 1);
    }
  });

  it('finds several spoilt ones, up to all', () => {
    for (const percent of [3, 10, 30, 60, 100]) {
      for (const signers of [1, 6, 70]) {
        expectAgreement(suite, mixed(signMany(oracle, random, 70, signers), percent, random));
      }
    }
  });

  it('sees through guesses that were swapped', () => {
    const checks = signMany(oracle, random, 40, 40);
    const swapped = checks.map((check, i) => ({ ...check, likelyKey: checks[i ^ 1]!.likelyKey }));
    expect(expectAgreement(suite, swapped)).toEqual({ right: 0, refused: 0 });
    const rotated = checks.map((check, i) => ({ ...check, likelyKey: checks[(i + 7) % 40]!.likelyKey }));
    expect(expectAgreement(suite, rotated)).toEqual({ right: 0, refused: 0 });
  });

  it('does not let errors cancel', () => {
    const privateKey = randomScalar(random);
    const filler = signMany(oracle, random, 14, 3);
    for (const factor of [1n, 2n, LAMBDA]) {
      const one = signWithNonce(randomScalar(random), privateKey, randomScalar(random));
      const two = signWithNonce(randomScalar(random), privateKey, randomScalar(random));
      const [s1, s2] = [one, two].map(({ signature }) => toBigInt(signature.subarray(32, 64)));
      // The equation of the first is wrong by δG, that of the second by −δ/factor G: their sum with equal or simply
      // related weights is right.
      const delta = randomScalar(random);
      const share = modulo(delta * modInverse(factor));
      const forged: SignatureCheck[] = [
        { ...one, digest: fromBigInt(modulo(toBigInt(one.digest) + delta * s1!), 32) },
        { ...two, digest: fromBigInt(modulo(toBigInt(two.digest) - share * s2!), 32) },
      ];
      for (const batch of [forged, [...forged, ...filler], [forged[0]!, ...filler, forged[1]!]]) {
        const { right } = expectAgreement(suite, batch);
        expect(right).toBe(batch.length - 2);
      }
    }
    // R and −R by the same nonce: with both v flipped, the errors are 2R and −2R.
    const nonce = randomScalar(random);
    const mirrored = [nonce, ORDER - nonce].map((k) => {
      const check = signWithNonce(randomScalar(random), privateKey, k);
      return { ...check, signature: Uint8Array.from(check.signature, (byte, i) => (i === 64 ? 1 - byte : byte)) };
    });
    expect(expectAgreement(suite, [...mirrored, ...filler]).right).toBe(filler.length);
  });

  it('adds points that are the same, opposite, or the generator', () => {
    const scalars = [1n, 2n, 3n, ORDER - 1n, ORDER - 2n, LAMBDA, modulo(LAMBDA * LAMBDA), ORDER - LAMBDA];
    const checks: GuessedCheck[] = [];
    // Keys and nonces of these scalars put G, −G and their images under lambda into the same sums and buckets.
    for (const key of scalars) {
      for (const nonce of [...scalars, key]) {
        const digest = random.chance(50) ? 0n : randomScalar(random);
        const check = signWithNonce(digest, key, nonce);
        if (toBigInt(check.signature.subarray(32, 64)) !== 0n) checks.push(check);
      }
    }
    expect(checks.length).toBeGreaterThan(60);
    expect(expectAgreement(suite, checks).right).toBe(checks.length);
    for (const check of [checks[0]!, checks[1]!, signMany(oracle, random, 1, 1)[0]!]) {
      const same = Array.from({ length: 150 }, () => check);
      expect(expectAgreement(suite, same)).toEqual({ right: 150, refused: 0 });
      const wrong = { ...check, likelyKey: publicKeyOf(77n) };
      expect(expectAgreement(suite, [...same, wrong, wrong]).right).toBe(150);
    }
  });

  it('takes any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      fc.uint8Array({ minLength: 64, maxLength: 65 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(0, 1, 0xff).chain((byte) => fc.constantFrom(32, 64, 65).map((n) => new Uint8Array(n).fill(byte))),
    );
    const valid = signMany(oracle, random, 12, 4);
    const check = fc.record({ digest: bytes, signature: bytes, likelyKey: fc.option(bytes, { nil: undefined }) });
    const item = fc.oneof(fc.constantFrom(...valid), check);
    fc.assert(
      fc.property(fc.array(item, { maxLength: 24 }), (checks) => {
        const before = JSON.stringify(checks);
        expectAgreement(suite, checks);
        expect(JSON.stringify(checks)).toBe(before);
      }),
      { numRuns: isLong ? 3000 : 60 },
    );
  });

  it(
    `agrees with single recovery on ${inputs} random and spoilt ones, and with JavaScript on a sample`,
    () => {
      const pools = [1, 8, 100, 900].map((signers) => signMany(oracle, random, 900, signers));
      const seen = { right: 0, refused: 0, recovered: 0, javascript: 0 };
      for (let done = 0; done < inputs;) {
        const pool = random.pick(pools);
        const start = random.below(pool.length - 1);
        const length = random.pick([2, 5, 9, 20, 60, 150, 400]);
        const batch = mixed(pool.slice(start, start + length), random.pick([0, 1, 5, 30]), random);
        const { right, refused } = expectAgreement(suite, batch);
        if (random.chance(isLong ? 4 : 10)) {
          const sample = random.pick(batch);
          expect(single(javascript, sample)).toBe(single(oracle, sample));
          seen.javascript++;
        }
        done += batch.length;
        seen.right += right;
        seen.refused += refused;
        seen.recovered += batch.length - right - refused;
      }
      expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
      // oxlint-disable-next-line no-console -- the long run's figures are its result
      if (isLong) console.log(name, JSON.stringify(seen));
    },
    isLong ? 1_800_000 : 60_000,
  );
});

/** Modulo n, by Fermat. */
function modInverse(value: bigint): bigint {
  let result = 1n;
  let base = modulo(value);
  for (let exponent = ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % ORDER;
    base = (base * base) % ORDER;
  }
  return result;
}
