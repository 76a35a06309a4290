import { EMPTY_BYTES, fromBigInt, toBigInt } from '@menglian/base/bytes';
import { MODEXP_OPERAND_LIMIT_BYTES } from '../limits.js';
import type { BuiltIn } from './builtIn.js';
import { paddedBytes, paddedWord } from './input.js';

/** base ^ exponent mod modulus over numbers of any length: EIP-198, with the price of that proposal (divisor 20). */

const HEADER_BYTES = 96;
const GAS_DIVISOR = 20n;
/** A squaring of small numbers, however small: call overhead of bigints. Longer numbers cost less than their price. */
const WORK_PER_EXPONENT_BIT = 20n;

interface Lengths {
  readonly base: bigint;
  readonly exponent: bigint;
  readonly modulus: bigint;
}

export const modexp: BuiltIn = {
  name: 'modexp',
  gas: (input) => clamp(price(input)),
  work: (input) => clamp(exponentBits(input, lengthsOf(input)) * WORK_PER_EXPONENT_BIT),
  run(input) {
    const lengths = lengthsOf(input);
    if (lengths.base === 0n && lengths.modulus === 0n) return EMPTY_BYTES;
    const limit = BigInt(MODEXP_OPERAND_LIMIT_BYTES);
    if (lengths.base > limit || lengths.modulus > limit) return undefined;
    const baseLength = Number(lengths.base);
    const modulusLength = Number(lengths.modulus);
    const base = toBigInt(paddedBytes(input, HEADER_BYTES, baseLength));
    // Where the modulus starts may be beyond exact numbers; then it is beyond the input and reads as zero.
    const modulusOffset = Number(BigInt(HEADER_BYTES) + lengths.base + lengths.exponent);
    const modulus = toBigInt(paddedBytes(input, modulusOffset, modulusLength));
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

/**
 * Left to right over the exponent's bytes, which are read where they stand: an exponent of hundreds of megabytes that are not
 * there is never built. Its missing bytes are zeros: squarings only.
 */
function powerModulo(base: bigint, input: Uint8Array, lengths: Lengths, modulus: bigint): bigint {
  const factor = base % modulus;
  const one = 1n % modulus;
  const offset = HEADER_BYTES + Number(lengths.base);
  const length = Number(lengths.exponent);
  const presentLength = Math.max(0, Math.min(length, input.length - offset));
  let result = one;
  for (let i = 0; i < presentLength; i++) {
    const byte = input[offset + i]!;
    if (byte === 0 && result === one) continue;
    for (let bit = 7; bit >= 0; bit--) {
      result = (result * result) % modulus;
      if (((byte >> bit) & 1) === 1) result = (result * factor) % modulus;
    }
  }
  for (let missing = 8 * (length - presentLength); missing > 0; missing--) {
    if (result === one || result === 0n) break;
    result = (result * result) % modulus;
  }
  return result;
}

function clamp(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}
