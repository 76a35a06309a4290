import { bn254 } from '@noble/curves/bn254.js';
import type { BuiltIn } from './builtIn.js';
import { G1_BYTES, G2_BYTES, readG1, readG2 } from './bn128.js';
import type { PointG1, PointG2 } from './bn128.js';

const PAIR_BYTES = G1_BYTES + G2_BYTES;
const { Fp12 } = bn254.fields;

/** Whether a product of pairings is one, as a word of 1 or 0: EIP-197 with the price of EIP-1108. */
export const bn128Pairing: BuiltIn = {
  name: 'bn128Pairing',
  gas: (input) => 45_000 + 34_000 * Math.floor(input.length / PAIR_BYTES),
  work: (input) => 2_000_000 + 1_400_000 * Math.floor(input.length / PAIR_BYTES),
  run(input) {
    if (input.length % PAIR_BYTES !== 0) return undefined;
    const pairs: { g1: PointG1; g2: PointG2 }[] = [];
    for (let offset = 0; offset < input.length; offset += PAIR_BYTES) {
      const g1 = readG1(input, offset);
      if (g1 === undefined) return undefined;
      const g2 = readG2(input, offset + G1_BYTES);
      if (g2 === undefined) return undefined;
      // A pairing with infinity is one.
      if (!g1.is0() && !g2.is0()) pairs.push({ g1, g2 });
    }
    const isOne = Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE);
    const output = new Uint8Array(32);
    output[31] = isOne ? 1 : 0;
    return output;
  },
};
