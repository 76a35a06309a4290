/**
 * GHASH, the polynomial hash of GCM (NIST SP 800-38D, 6.4), by tables of all products of a byte: 64 kB for each key. The
 * bytes looked up are the running hash, which is secret until the tag is masked: not for machines whose cache others
 * watch.
 */
import { invariant } from '@menglian/base/invariant';

const BLOCK_BYTES = 16;
const BYTE_VALUES = 256;
const WORDS = 4;
/** x^128 = x^7 + x^2 + x + 1, the highest power being the lowest bit here. */
const REDUCTION = 0xe1000000;

/** Absorbs two byte strings, each padded with zeros to whole blocks, and their lengths. @returns 16 bytes */
export type Ghash = (additionalData: Uint8Array, ciphertext: Uint8Array) => Uint8Array;

/** @param key 16 bytes: the encryption of the block of zeros */
export function createGhash(key: Uint8Array): Ghash {
  invariant(key.length === BLOCK_BYTES, 'crypto/ghash-key-length');
  const table = productsOf(key);
  const state = new Int32Array(WORDS);
  const block = new Uint8Array(BLOCK_BYTES);
  const view = new DataView(block.buffer);

  function absorbPadded(bytes: Uint8Array): void {
    const whole = bytes.length - (bytes.length % BLOCK_BYTES);
    absorb(table, state, bytes, whole);
    if (whole === bytes.length) return;
    block.fill(0);
    block.set(bytes.subarray(whole));
    absorb(table, state, block, BLOCK_BYTES);
  }

  return (additionalData, ciphertext) => {
    state.fill(0);
    absorbPadded(additionalData);
    absorbPadded(ciphertext);
    [additionalData.length, ciphertext.length].forEach((length, i) => {
      view.setUint32(8 * i, Math.floor(length / 0x2000_0000));
      view.setUint32(8 * i + 4, (length << 3) >>> 0);
    });
    absorb(table, state, block, BLOCK_BYTES);
    state.forEach((word, i) => view.setInt32(4 * i, word));
    return block.slice();
  };
}

/** @returns four words for each value of each of the 16 bytes: that byte, at its place, times the key */
function productsOf(key: Uint8Array): Int32Array {
  const table = new Int32Array(BLOCK_BYTES * BYTE_VALUES * WORDS);
  const keyView = new DataView(key.buffer, key.byteOffset);
  const power = Int32Array.from({ length: WORDS }, (_, i) => keyView.getInt32(4 * i));
  for (let at = 0; at < table.length; at += BYTE_VALUES * WORDS) {
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      table.set(power, at + bit * WORDS);
      timesX(power);
    }
    // The product of a value is the product of its highest bit and that of the rest.
    for (let bit = 2; bit < BYTE_VALUES; bit <<= 1) {
      const high = at + bit * WORDS;
      for (let i = WORDS; i < bit * WORDS; i++) table[high + i] = table[high + (i % WORDS)]! ^ table[at + i]!;
    }
  }
  return table;
}

function timesX(words: Int32Array): void {
  const carry = words[3]! & 1;
  for (let i = WORDS - 1; i > 0; i--) words[i] = (words[i]! >>> 1) | (words[i - 1]! << 31);
  words[0] = (words[0]! >>> 1) ^ (carry === 1 ? REDUCTION : 0);
}

/** state = (state + block) · key for each block. */
function absorb(table: Int32Array, state: Int32Array, bytes: Uint8Array, length: number): void {
  for (let at = 0; at < length; at += BLOCK_BYTES) {
    let z0 = 0;
    let z1 = 0;
    let z2 = 0;
    let z3 = 0;
    for (let word = 0; word < WORDS; word++) {
      const from = at + 4 * word;
      const y =
        state[word]! ^ ((bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!);
      // Each of the four bytes chooses an entry of four words in its own row of 1,024.
      const row = 4096 * word;
      const a = row + ((y >>> 22) & 0x3fc);
      const b = row + 1024 + ((y >>> 14) & 0x3fc);
      const c = row + 2048 + ((y >>> 6) & 0x3fc);
      const d = row + 3072 + ((y << 2) & 0x3fc);
      z0 ^= table[a]! ^ table[b]! ^ table[c]! ^ table[d]!;
      z1 ^= table[a + 1]! ^ table[b + 1]! ^ table[c + 1]! ^ table[d + 1]!;
      z2 ^= table[a + 2]! ^ table[b + 2]! ^ table[c + 2]! ^ table[d + 2]!;
      z3 ^= table[a + 3]! ^ table[b + 3]! ^ table[c + 3]! ^ table[d + 3]!;
    }
    state[0] = z0;
    state[1] = z1;
    state[2] = z2;
    state[3] = z3;
  }
}
