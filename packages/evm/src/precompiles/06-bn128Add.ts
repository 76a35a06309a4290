import type { BuiltIn } from './builtIn.js';
import { G1_BYTES, readG1, writeG1 } from './bn128.js';

/** Sum of two points of G1: EIP-196 with the price of EIP-1108. */
export const bn128Add: BuiltIn = {
  name: 'bn128Add',
  gas: () => 150,
  work: () => 10_000,
  run(input) {
    const left = readG1(input, 0);
    const right = readG1(input, G1_BYTES);
    return left === undefined || right === undefined ? undefined : writeG1(left.add(right));
  },
};
