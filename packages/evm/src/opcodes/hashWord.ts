import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Frame } from '../frame.js';
import { wordOfHash } from '../words.js';

/** SHA3 of memory that is there and paid for, as a word. */
export function hashWord(suite: CryptoSuite, frame: Frame, offset: number, size: number): bigint {
  return wordOfHash(suite.hash(frame.viewRange(offset, size)));
}
