import { sha256 } from '@menglian/crypto/hashes';
import { wordCount } from '../words.js';
import type { BuiltIn } from './builtIn.js';

/** SHA-256 of the input, also on SM chains. */
export const sha256Contract: BuiltIn = {
  name: 'sha256',
  gas: (input) => 60 + 12 * wordCount(input.length),
  work: () => 0,
  run: (input) => sha256(input),
};
