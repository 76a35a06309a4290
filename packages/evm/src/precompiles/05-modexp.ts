import { EMPTY_BYTES, fromBigInt, toBigInt } from '@menglian/base/bytes';
import { MODEXP_OPERAND_LIMIT_BYTES } from '../limits.js';
import { BEYOND_ALL_GAS } from './builtIn.js';
import type { BuiltIn } from './builtIn.js';
import { paddedBytes, paddedWord } from './input.js';

/** base ^ exponent mod modulus over numbers of any length: EIP-198, with the price of that proposal (divisor 20). */

const HEADER_BYTES = 96;
const GAS_DIVISOR = 20n;
/** A squaring of numbers however small. With 32 bytes and more the price is above that. */
const WORK_PER_EXPONENT_BIT = 40;

interface Lengths {
  readonly base: bigint;
  readonly exponent: bigint;
  readonly modulus: bigint;
}

export const modexp: BuiltIn = {
  name: 'modexp',
  gas: (input) => clamp(price(input)),
  work: (input) => WORK_PER_EXPONENT_BIT * 8 * exponentBytes(input, lengthsOf(input)),
  run(input) {
    const lengths = lengthsOf(input);
    if (lengths.base === 0n && lengths.modulus === 0n) return EMPTY_BYTES;
    const limit = BigInt(MODEXP_OPERAND_LIMIT_BYTES);
    if (lengths.base > limit || lengths.modulus > limit) return undefined;
    const base = toBigInt(paddedBytes(input, HEADER_BYTES, Number(lengths.base)));
    const modulusLength = Number(lengths.modulus);
    const modulus = toBigInt(paddedBytes(input, Number(modulusOffset(lengths)), modulusLength));
    if (modulus === 0n) return new Uint8Array(modulusLength);
    return fromBigInt(powerModulo(base, input, lengths, modulus), modulusLength);
  },
};

function lengthsOf(input: Uint8Array): Lengths {
  return { base: paddedWord(input, 0), exponent: paddedWord(input, 32), modulus: paddedWord(input, 64) };
}

function price(input: Uint8Array): bigint {
  const lengths = lengthsOf(input);
  const longest = lengths.base > lengths.modulus ? lengths.base : lengths.modulus;
  const bits = exponentBits(input, lengths);
  return (multiplicationComplexity(longest) * (bits > 1n ? bits : 1n)) / GAS_DIVISOR;
}

/** EIP-198's "adjusted exponent length": position of the highest bit, taken as if it were in the first 32 bytes. */
function exponentBits(input: Uint8Array, lengths: Lengths): bigint {
  const offset = BigInt(HEADER_BYTES) + lengths.base;
  const headLength = lengths.exponent < 32n ? Number(lengths.exponent) : 32;
  const head = offset < BigInt(input.length) ? toBigInt(paddedBytes(input, Number(offset), headLength)) : 0n;
  const highestBit = head === 0n ? 0n : BigInt(head.toString(2).length - 1);
  return lengths.exponent > 32n ? 8n * (lengths.exponent - 32n) + highestBit : highestBit;
}

function multiplicationComplexity(length: bigint): bigint {
  if (length <= 64n) return length * length;
  if (length <= 1024n) return (length * length) / 4n + 96n * length - 3_072n;
  return (length * length) / 16n + 480n * length - 199_680n;
}

/** May be beyond exact numbers; then it is beyond any input. */
function modulusOffset(lengths: Lengths): bigint {
  return BigInt(HEADER_BYTES) + lengths.base + lengths.exponent;
}

/** Bytes of exponent to work through. Where input ends inside the exponent the modulus is zero, and there is no work. */
function exponentBytes(input: Uint8Array, lengths: Lengths): number {
  return modulusOffset(lengths) < BigInt(input.length) ? Number(lengths.exponent) : 0;
}

/** Left to right over the exponent's bytes where they stand. The modulus is not zero, so all of them are there. */
function powerModulo(base: bigint, input: Uint8Array, lengths: Lengths, modulus: bigint): bigint {
  const factor = base % modulus;
  const start = HEADER_BYTES + Number(lengths.base);
  let result = 1n % modulus;
  for (const byte of input.subarray(start, start + Number(lengths.exponent))) {
    for (let bit = 7; bit >= 0; bit--) {
      result = (result * result) % modulus;
      if (((byte >> bit) & 1) === 1) result = (result * factor) % modulus;
    }
  }
  return result;
}

function clamp(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? BEYOND_ALL_GAS : Number(value);
}
