import { concatBytes, fromBigInt, fromHex, toBigInt, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { addressOfPublicKey } from '@menglian/types/address';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, getActivePrecompiles } from '@ethereumjs/evm';
import { bn254 } from '@noble/curves/bn254.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { builtin } from './builtins.js';
import type { BuiltIn } from './builtins.js';

const ecdsa = await loadSuite('ecdsa');
const common = new Common({ chain: Mainnet, hardfork: Hardfork.Istanbul });
const evm = await createEVM({ common });
const oracles = getActivePrecompiles(common);

const contract = (number: number): BuiltIn => builtin(number.toString(16).padStart(40, '0'))!;
const word = (value: bigint | number) => fromBigInt(BigInt(value), 32);

async function oracle(number: number, input: Uint8Array): Promise<{ gas: number; output: string | undefined }> {
  const run = oracles.get(number.toString(16).padStart(40, '0'))!;
  const gasLimit = 10n ** 15n;
  const result = await run({ data: input, gasLimit, common, _EVM: evm });
  const failed = result.exceptionError !== undefined;
  return { gas: Number(result.executionGasUsed), output: failed ? undefined : toHex(result.returnValue) };
}

/** Same output; same price when the call succeeds (a failed one has no price of its own in the oracle). */
async function compare(number: number, input: Uint8Array): Promise<void> {
  const expected = await oracle(number, input);
  const output = contract(number).run(input, ecdsa);
  expect(output === undefined ? undefined : toHex(output), toHex(input)).toBe(expected.output);
  if (output !== undefined) expect(contract(number).gas(input), toHex(input)).toBe(expected.gas);
}

function signed(random: SeededRandom): { input: Uint8Array; address: string } {
  const key = random.bytes(32);
  const digest = random.bytes(32);
  const signature = ecdsa.sign(digest, key);
  const input = concatBytes(digest, word(27 + signature[64]!), signature.subarray(0, 64));
  return { input, address: addressOfPublicKey(ecdsa, ecdsa.publicKey(key)) };
}

function g1(factor: bigint): Uint8Array {
  const { x, y } = bn254.G1.Point.BASE.multiply(factor).toAffine();
  return concatBytes(word(x), word(y));
}

function g2(factor: bigint): Uint8Array {
  const { x, y } = bn254.G2.Point.BASE.multiply(factor).toAffine();
  return concatBytes(word(x.c1), word(x.c0), word(y.c1), word(y.c0));
}

describe('addresses', () => {
  it('1 to 9 are built in, others not', () => {
    const names = Array.from({ length: 11 }, (_, number) => builtin(number.toString(16).padStart(40, '0'))?.name);
    expect(names).toEqual([
      undefined,
      'ecrecover',
      'sha256',
      'ripemd160',
      'identity',
      'modexp',
      'bn128Add',
      'bn128Multiply',
      'bn128Pairing',
      'blake2f',
      undefined,
    ]);
  });
});

describe('against @ethereumjs/evm', () => {
  it('on random input of random length', async () => {
    const random = new SeededRandom(1);
    for (let i = 0; i < 100; i++)
      for (const number of [1, 2, 3, 4, 6, 7]) await compare(number, random.bytes(random.below(300)));
  });

  it('ecrecover of good and of spoilt signatures', async () => {
    const random = new SeededRandom(2);
    for (let i = 0; i < 30; i++) {
      const { input, address } = signed(random);
      expect(toHex(contract(1).run(input, ecdsa)!)).toBe(address.padStart(64, '0'));
      await compare(1, input);
      await compare(1, concatBytes(input, random.bytes(5)));
      await compare(1, input.subarray(0, 32 + random.below(96)));
      input[random.below(128)]! ^= 1 << random.below(8);
      const highS = toBigInt(input.subarray(96)) > secp256k1.Point.Fn.ORDER / 2n;
      if (!highS) await compare(1, input);
    }
  });

  it('modexp of small and of odd lengths', async () => {
    const random = new SeededRandom(3);
    for (let i = 0; i < 300; i++) {
      const lengths = [0, 1, 2].map(() => random.below(random.chance(20) ? 200 : 40));
      const numbers = random.bytes(lengths.reduce((a, b) => a + b));
      if (random.chance(20)) numbers.fill(0, 0, random.below(numbers.length + 1));
      const input = concatBytes(...lengths.map(word), numbers);
      await compare(5, random.chance(20) ? input.subarray(0, random.below(input.length + 1)) : input);
    }
  });

  it('sums and products of points', async () => {
    const random = new SeededRandom(4);
    const infinity = new Uint8Array(64);
    const minus = concatBytes(word(1), word(bn254.fields.Fp.ORDER - 2n));
    for (let i = 0; i < 10; i++) {
      const a = g1(BigInt(1 + random.below(1 << 30)));
      const b = g1(BigInt(1 + random.below(5)));
      for (const pair of [concatBytes(a, b), concatBytes(a, a), concatBytes(a, infinity), a]) await compare(6, pair);
      await compare(7, concatBytes(a, random.bytes(32)));
      await compare(7, concatBytes(b, word(random.below(3))));
    }
    await compare(6, concatBytes(g1(1n), minus));
    await compare(6, new Uint8Array(0));
    await compare(7, concatBytes(g1(5n), word(bn254.fields.Fr.ORDER)));
    await compare(7, concatBytes(g1(5n), word(2n ** 256n - 1n)));
    await compare(6, concatBytes(word(bn254.fields.Fp.ORDER + 1n), word(2), infinity));
  });

  it('pairings', async () => {
    const order = bn254.fields.Fr.ORDER;
    const good = concatBytes(g1(6n), g2(7n), g1(order - 42n), g2(1n));
    expect(contract(8).run(good, ecdsa)![31]).toBe(1);
    await compare(8, good);
    await compare(8, concatBytes(g1(6n), g2(7n), g1(order - 41n), g2(1n)));
    await compare(8, new Uint8Array(0));
    await compare(8, new Uint8Array(192));
    await compare(8, concatBytes(new Uint8Array(64), g2(3n)));
    await compare(8, concatBytes(g1(3n), new Uint8Array(128)));
    await compare(8, good.subarray(1));
    const offCurve = good.slice();
    offCurve[383]! ^= 1;
    await compare(8, offCurve);
  });

  it('blake2f of any number of rounds, not of other lengths', async () => {
    const random = new SeededRandom(5);
    for (const rounds of [0, 1, 9, 10, 11, 12, 300]) {
      const input = random.bytes(213);
      input.set(fromBigInt(BigInt(rounds), 4));
      for (const final of [0, 1, 2]) {
        input[212] = final;
        await compare(9, input);
      }
      await compare(9, input.subarray(1));
    }
  });
});

describe('rules of 2.x', () => {
  it('ecrecover refuses s above half the order', () => {
    const { input } = signed(new SeededRandom(6));
    input.set(word(secp256k1.Point.Fn.ORDER - toBigInt(input.subarray(96))), 96);
    input[63] = 55 - input[63]!;
    expect(contract(1).run(input, ecdsa)).toEqual(new Uint8Array(0));
  });

  it('ecrecover answers with keccak and secp256k1 wherever it runs: the suite is given by the caller', () => {
    const { input, address } = signed(new SeededRandom(7));
    expect(toHex(contract(1).run(input, ecdsa)!)).toBe(address.padStart(64, '0'));
  });

  it('prices of EIP-1108, and of blake2f input that is too short', () => {
    const input = new Uint8Array(384);
    expect([6, 7, 8].map((number) => contract(number).gas(input))).toEqual([150, 6_000, 45_000 + 2 * 34_000]);
    expect(contract(9).gas(fromHex('0102'))).toBe(0x0102);
    expect(contract(9).gas(new Uint8Array(0))).toBe(0);
  });

  it('the example of EIP-198', () => {
    const p = 2n ** 256n - 2n ** 32n - 977n;
    const input = concatBytes(word(1), word(32), word(32), Uint8Array.of(3), word(p - 1n), word(p));
    expect(contract(5).gas(input)).toBe(13_056);
    expect(toBigInt(contract(5).run(input, ecdsa)!)).toBe(1n);
  });
});

describe('hostile lengths', () => {
  const HUGE = 2n ** 256n - 1n;

  it('are priced, not believed', () => {
    const price = (...lengths: bigint[]) => contract(5).gas(concatBytes(...lengths.map(word)));
    expect(price(HUGE, HUGE, HUGE)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(price(0n, HUGE, 0n)).toBe(0);
    expect(price(HUGE, 0n, 0n)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(price(1n, HUGE, 1n)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });

  it('fail or answer at once when they are run all the same', () => {
    const run = (...lengths: bigint[]) => contract(5).run(concatBytes(...lengths.map(word)), ecdsa);
    expect(run(HUGE, HUGE, HUGE)).toBeUndefined();
    expect(run(HUGE, 0n, 0n)).toBeUndefined();
    expect(run(0n, 0n, HUGE)).toBeUndefined();
    expect(run(0n, HUGE, 0n)).toEqual(new Uint8Array(0));
    expect(run(1n, HUGE, 1n)).toEqual(new Uint8Array(1));
  });

  it('weigh more than their price in the budget where 2.x is cheap', () => {
    // A modulus of one byte with a million bytes of exponent: 400,000 gas for eight million squarings.
    const cheap = concatBytes(word(1), word(1_000_000), word(1), new Uint8Array(1_000_002).fill(3));
    expect(contract(5).gas(cheap)).toBeLessThan(500_000);
    expect(contract(5).work(cheap)).toBe(320_000_000);
    for (const number of [1, 6, 7, 8])
      expect(contract(number).work(cheap)).toBeGreaterThan(contract(number).gas(cheap));
    // An exponent that is not there is paid for, but no work.
    expect(contract(5).work(cheap.subarray(0, 1_000_097))).toBe(0);
    expect(contract(5).run(cheap.subarray(0, 1_000_097), ecdsa)).toEqual(new Uint8Array(1));
  });
});
