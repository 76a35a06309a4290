import { ripemd160 } from '@menglian/crypto/hashes';
import { wordCount } from '../words.js';
import type { BuiltIn } from './builtIn.js';

/** RIPEMD-160 of the input, 12 zero bytes before it. */
export const ripemd160Contract: BuiltIn = {
  name: 'ripemd160',
  gas: (input) => 600 + 120 * wordCount(input.length),
  work: () => 0,
  run(input) {
    const output = new Uint8Array(32);
    output.set(ripemd160(input), 12);
    return output;
  },
};
