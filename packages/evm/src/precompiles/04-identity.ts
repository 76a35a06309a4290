import { wordCount } from '../words.js';
import type { BuiltIn } from './builtIn.js';

/** The input itself. */
export const identity: BuiltIn = {
  name: 'identity',
  gas: (input) => 15 + 3 * wordCount(input.length),
  work: () => 0,
  run: (input) => input.slice(),
};
