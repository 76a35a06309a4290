import { bn254 } from '@noble/curves/bn254.js';
import type { BuiltIn } from './builtIn.js';
import { G1_BYTES, readG1, writeG1 } from './bn128.js';
import { paddedWord } from './input.js';

const GROUP_ORDER = bn254.fields.Fr.ORDER;

/** A point of G1 times a number of 256 bits: EIP-196 with the price of EIP-1108. */
export const bn128Multiply: BuiltIn = {
  name: 'bn128Multiply',
  gas: () => 6_000,
  work: () => 300_000,
  run(input) {
    const point = readG1(input, 0);
    if (point === undefined) return undefined;
    // The library wants a factor below the order of the group; the order itself leads to infinity.
    const factor = paddedWord(input, G1_BYTES) % GROUP_ORDER;
    return writeG1(point.multiplyUnsafe(factor));
  },
};
