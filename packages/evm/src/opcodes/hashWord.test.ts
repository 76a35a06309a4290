import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { Frame } from '../frame.js';
import { wordOfHash } from '../words.js';
import { hashWord } from './hashWord.js';

const suites = [await loadSuite('ecdsa'), await loadSuite('sm')];

describe('remembered hashes', () => {
  it('are those of the suite, for every size and place in memory, met once or again', () => {
    const random = new SeededRandom(1);
    const frame = new Frame();
    frame.gas = 1e9;
    frame.grow(4_096);
    for (let i = 0; i < 20_000; i++) {
      const size = random.below(70);
      const offset = random.below(2) === 0 ? 4_096 - size : random.below(4_000);
      // Few different bytes, so that inputs come again, begin alike, and differ in their last byte only.
      if (size > 0) for (let j = 0; j < 3; j++) frame.bytes[offset + random.below(size)] = random.below(2);
      const suite = suites[random.below(50) === 0 ? 1 : 0]!;
      const expected = wordOfHash(suite.hash(frame.bytes.slice(offset, offset + size)));
      expect(hashWord(suite, frame, offset, size)).toBe(expected);
      expect(hashWord(suite, frame, offset, size)).toBe(expected);
    }
  });
});
