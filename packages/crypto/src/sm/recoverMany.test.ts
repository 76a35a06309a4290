/**
 * Checking in bulk must answer what single verification answers, whatever signatures and hints are in the batch. The oracle
 * is the addon's own verification of one, which is held against JavaScript and the npm package sm-crypto-v2 on a sample.
 */
import { concatBytes, equalBytes, fromBigInt, toBigInt, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import fc from 'fast-check';
import { sm2 as smCrypto } from 'sm-crypto-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSuite } from '../loadSuite.js';
import { SM2_ORDER as ORDER } from '../sm2Curve.js';
import { UNKNOWN_PARITY, type CryptoSuite, type SignatureCheck } from '../suite.js';
import { DAMAGES, modulo, publicKeyOf, randomScalar, signMany, signWithNonce } from './testing/forgery.js';

const isLong = process.env['MENGLIAN_LONG'] === '1';
const inputs = isLong ? 1_000_000 : 10_000;
/** For each of two ways. The others take milliseconds for one: half a million twice is hours. */
const samples = isLong ? Number(process.env['MENGLIAN_SAMPLES'] ?? 20_000) : 40;
/** Another one tries others: a million for all is made of several runs. */
const seed = Number(process.env['MENGLIAN_SEED'] ?? 0);
const MINUTE_MS = 60_000;
/** Of a sample on a busy machine. */
const SAMPLE_MS = 20;

const addon = await loadSuite('sm', 'addon').catch(() => undefined);
const javascript = await loadSuite('sm', 'javascript');

function single(suite: CryptoSuite, { digest, signature }: SignatureCheck): string {
  const key = suite.recover(digest, signature);
  return key === undefined ? 'none' : toHex(key);
}

/** Of right lengths, and r and s in range, which that package leaves to its callers. */
function isWellFormed({ digest, signature }: SignatureCheck): boolean {
  if (digest.length !== 32 || signature.length !== 128) return false;
  const [r, s] = [toBigInt(signature.subarray(0, 32)), toBigInt(signature.subarray(32, 64))];
  return r > 0n && r < ORDER && s > 0n && s < ORDER;
}

function smCryptoAccepts({ digest, signature }: SignatureCheck): boolean {
  const key = `04${toHex(signature.subarray(64))}`;
  try {
    return smCrypto.doVerifySignature(digest, toHex(signature.subarray(0, 64)), key, { hash: true });
  } catch {
    // Its way to say that the key is no point, or the sum infinity.
    return false;
  }
}

function expectOneVerdict(suite: CryptoSuite, check: SignatureCheck): void {
  const verdict = single(suite, check);
  expect(single(javascript, check)).toBe(verdict);
  if (isWellFormed(check)) expect(smCryptoAccepts(check)).toBe(verdict !== 'none');
}

/** @returns how many are valid; of each of them the parity was found */
function expectAgreement(suite: CryptoSuite, checks: readonly SignatureCheck[]): number {
  const parities = new Uint8Array(checks.length).fill(7);
  const answers = suite.recoverMany(checks, parities);
  expect(answers.length).toBe(checks.length);
  let valid = 0;
  for (const [i, answer] of answers.entries()) {
    const expected = single(suite, checks[i]!);
    const text = answer === undefined ? 'none' : toHex(answer);
    if (text !== expected) expect(`check ${i}: ${text}`).toBe(`check ${i}: ${expected}`);
    const guess = checks[i]!.likelyKey;
    if (answer !== undefined && guess !== undefined && equalBytes(answer, guess) !== (answer === guess)) {
      expect(`check ${i} gives back its guess`).toBe(equalBytes(answer, guess));
    }
    if ((answer === undefined) !== (parities[i] === UNKNOWN_PARITY)) expect(`parity of ${i}`).toBe(parities[i]);
    if (answer !== undefined) valid++;
  }
  return valid;
}

function spoil(checks: readonly SignatureCheck[], at: number, kind: string, random: SeededRandom): SignatureCheck {
  return DAMAGES[kind]!(checks[at]!, checks[(at + 1 + random.below(checks.length - 1)) % checks.length]!, random);
}

/** A batch of which about `percent` are spoilt, some twice the same. */
function mixed(checks: readonly SignatureCheck[], percent: number, random: SeededRandom): SignatureCheck[] {
  const kinds = Object.keys(DAMAGES);
  const batch = checks.map((check, i) =>
    random.chance(percent) ? spoil(checks, i, random.pick(kinds), random) : check,
  );
  if (random.chance(20)) batch.push(...batch.slice(0, 1 + random.below(5)));
  return batch;
}

/** Chooses how the addon computes; the vectors of processors without them are tested on others. */
async function useVectors(wanted: boolean): Promise<boolean> {
  const module = await import('../../native/load.cjs');
  return module.default.useVectors(wanted);
}

const inVectors = addon !== undefined && (await useVectors(true));
const ways: [string, CryptoSuite | undefined, boolean][] = [
  ['addon, eight at a time', inVectors ? addon : undefined, true],
  ['addon, one at a time', addon, false],
];

describe.each(ways.filter(([, suite]) => suite !== undefined))('recoverMany: sm, %s', (name, maybe, vectors) => {
  const suite = maybe!;
  const random = new SeededRandom(name.length + 1000 * seed);

  beforeAll(async () => {
    await useVectors(vectors);
  });
  afterAll(async () => {
    await useVectors(true);
  });

  it.each([0, 1, 2, 3, 4, 5, 8, 15, 33, 70, 300])('accepts %i valid ones, by any number of signers', (n) => {
    for (const signers of new Set([1, 2, 8, n])) {
      const checks = signers === 0 ? [] : signMany(suite, random, n, signers);
      expect(checks.every(({ likelyParity }) => likelyParity === 0 || likelyParity === 1)).toBe(true);
      expect(expectAgreement(suite, checks)).toBe(n);
    }
  });

  it('tells the parity that makes the next check a bulk one', () => {
    const checks = [1n, 2n, 5n, ORDER - 2n, randomScalar(random), randomScalar(random)].map((nonce) =>
      signWithNonce(random.bytes(32), randomScalar(random), nonce),
    );
    const expected = checks.map(({ likelyParity }) => likelyParity);
    for (const kind of ['no parity', 'wrong parity', 'parity out of range', undefined]) {
      const batch = kind === undefined ? checks : checks.map((_, i) => spoil(checks, i, kind, random));
      const parities = new Uint8Array(checks.length);
      expect(suite.recoverMany(batch, parities).every((key) => key !== undefined)).toBe(true);
      expect([...parities]).toEqual(expected);
    }
    expect(() => suite.recoverMany(checks, new Uint8Array(5))).toThrow('crypto/parities-length');
    const unknown = new Uint8Array(checks.length);
    javascript.recoverMany(checks, unknown);
    expect(unknown.every((parity) => parity === UNKNOWN_PARITY)).toBe(true);
  });

  it('splits what is more than one call can hold', () => {
    const checks = signMany(suite, random, 64, 8);
    const many = Array.from({ length: 4096 + 70 }, (_, i) => checks[i % 64]!);
    many[4095] = { ...many[4095]!, likelyParity: undefined };
    many[4096] = { ...many[4096]!, digest: checks[1]!.digest };
    expect(expectAgreement(suite, many)).toBe(many.length - 1);
  });

  it.each(Object.keys(DAMAGES))('finds one spoilt in each place: %s', (kind) => {
    const checks = signMany(suite, random, 21, 5);
    for (let at = 0; at < checks.length; at++) {
      const batch = checks.slice();
      batch[at] = spoil(checks, at, kind, random);
      expect(expectAgreement(suite, batch)).toBeGreaterThanOrEqual(checks.length - 1);
    }
    expectOneVerdict(suite, spoil(checks, 3, kind, random));
  });

  it('finds several spoilt ones, up to all', () => {
    for (const percent of [3, 10, 30, 60, 100]) {
      for (const signers of [1, 6, 70]) {
        expectAgreement(suite, mixed(signMany(suite, random, 70, signers), percent, random));
      }
    }
  });

  it('sees through parities that are all wrong', () => {
    const checks = signMany(suite, random, 40, 7);
    const wrong = checks.map((_, i) => spoil(checks, i, 'wrong parity', random));
    expect(expectAgreement(suite, wrong)).toBe(40);
  });

  it('does not let errors cancel', () => {
    const privateKey = randomScalar(random);
    // So many that they are summed, which is where errors could cancel.
    const filler = signMany(suite, random, 60, 3);
    const change = ({ signature, ...check }: SignatureCheck, delta: bigint): SignatureCheck => {
      const s = fromBigInt(modulo(toBigInt(signature.subarray(32, 64)) + delta), 32);
      return { ...check, signature: concatBytes(signature.subarray(0, 32), s, signature.subarray(64)) };
    };
    for (const factor of [1n, 2n, 3n, ORDER - 1n]) {
      // s + δ is wrong by δ (G + P): with equal or simply related weights, two such errors make nothing.
      const delta = randomScalar(random);
      const [one, two] = [delta, modulo(-delta * factor)].map((error) =>
        change(signWithNonce(random.bytes(32), privateKey, randomScalar(random)), error),
      );
      for (const batch of [
        [one!, two!],
        [one!, two!, ...filler],
        [one!, ...filler, two!],
      ]) {
        expect(expectAgreement(suite, batch)).toBe(batch.length - 2);
      }
    }
    // R and −R by the same nonce: with both parities wrong, the errors are 2R and −2R, and both signatures are valid.
    const nonce = randomScalar(random);
    const mirrored = [nonce, ORDER - nonce].map((k) => signWithNonce(random.bytes(32), privateKey, k));
    const flipped = mirrored.map((_, i) => spoil(mirrored, i, 'wrong parity', random));
    expect(expectAgreement(suite, [...flipped, ...filler])).toBe(filler.length + 2);
  });

  it('adds points that are the same, opposite, or the generator', () => {
    const scalars = [1n, 2n, 3n, 4n, 8n, 1n << 128n, ORDER - 2n, ORDER - 3n];
    const checks: SignatureCheck[] = [];
    // Keys and nonces of these scalars put G and −G into the same sums and buckets.
    for (const key of scalars) {
      for (const nonce of [...scalars, ORDER - 1n, key + 1n]) {
        const check = signWithNonce(random.bytes(32), key, nonce);
        expectOneVerdict(suite, check);
        checks.push(check);
      }
    }
    expect(expectAgreement(suite, checks)).toBe(checks.length);
    for (const check of [checks[0]!, checks[1]!, signMany(suite, random, 1, 1)[0]!]) {
      const same = Array.from({ length: 150 }, () => check);
      expect(expectAgreement(suite, same)).toBe(150);
      const signature = concatBytes(check.signature.subarray(0, 64), publicKeyOf(77n));
      expect(expectAgreement(suite, [...same, { ...check, signature }])).toBe(150);
    }
  });

  it('takes any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 130 }),
      fc.uint8Array({ minLength: 128, maxLength: 128 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc
        .constantFrom(0, 1, 0xff)
        .chain((byte) => fc.constantFrom(32, 64, 128).map((n) => new Uint8Array(n).fill(byte))),
    );
    const valid = signMany(suite, random, 12, 4);
    const check = fc.record({
      digest: bytes,
      signature: bytes,
      likelyKey: fc.option(bytes, { nil: undefined }),
      likelyParity: fc.constantFrom(undefined, 0 as const, 1 as const),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...valid), check), { maxLength: 24 }), (checks) => {
        const before = JSON.stringify(checks);
        expectAgreement(suite, checks);
        expect(JSON.stringify(checks)).toBe(before);
      }),
      { numRuns: isLong ? 3000 : 60 },
    );
  });

  it(
    `agrees with single verification on ${inputs} random and spoilt ones, and with two others on a sample`,
    () => {
      const pools = [1, 8, 100, 900].map((signers) => signMany(suite, random, 900, signers));
      const seen = { valid: 0, refused: 0, sample: 0 };
      for (let done = 0; done < inputs;) {
        const pool = random.pick(pools);
        const start = random.below(pool.length - 1);
        const length = random.pick([2, 5, 9, 20, 60, 150, 400]);
        const batch = mixed(pool.slice(start, start + length), random.pick([0, 1, 5, 30]), random);
        const valid = expectAgreement(suite, batch);
        done += batch.length;
        seen.valid += valid;
        seen.refused += batch.length - valid;
        for (; seen.sample * inputs < done * samples; seen.sample++) expectOneVerdict(suite, random.pick(batch));
      }
      expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
      // oxlint-disable-next-line no-console -- the long run's figures are its result
      if (isLong) console.log(name, JSON.stringify(seen));
    },
    isLong ? 30 * MINUTE_MS + samples * SAMPLE_MS : MINUTE_MS,
  );
});
