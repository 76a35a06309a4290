import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { expect, it } from 'vitest';
import { initializeHashes, sm3 as activeSm3 } from './hashes.js';
import { sm3 } from './sm3.js';

// The two examples of GB/T 32905-2016, annex A, and the long one that ISO/IEC 10118-3 adds.
const examples = [
  ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
  ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
  ['a'.repeat(1_000_000), 'c8aaf89429554029e231941a2acc0ad61ff2a5acd8fadd25847a3a732b3b02c3'],
] as const;

it('sm3 meets its published examples, in JavaScript and in WebAssembly', async () => {
  await initializeHashes();
  for (const [text, digest] of examples) {
    expect(toHex(sm3(utf8Bytes(text)))).toBe(digest);
    expect(toHex(activeSm3(utf8Bytes(text)))).toBe(digest);
  }
});
