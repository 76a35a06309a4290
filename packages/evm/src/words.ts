import type { Address } from '@menglian/types/address';

/** 256-bit words of the stack in their other forms. Stack words are bigints of 0 to 2^256 - 1. */

export const WORD_BYTES = 32;

const TWO_POW_64 = 1n << 64n;
const ADDRESS_BITS = 160;

const scratch = new Uint8Array(WORD_BYTES);
const scratchView = new DataView(scratch.buffer);

/** The big-endian word at an offset; the caller has made sure that 32 bytes are there. */
export function loadWord(view: DataView, offset: number): bigint {
  const low = view.getBigUint64(offset + 24);
  // Most words of a contract are small: offsets, lengths, amounts, flags.
  const isSmall =
    (view.getInt32(offset) |
      view.getInt32(offset + 4) |
      view.getInt32(offset + 8) |
      view.getInt32(offset + 12) |
      view.getInt32(offset + 16) |
      view.getInt32(offset + 20)) ===
    0;
  if (isSmall) return low;
  const high = (view.getBigUint64(offset) << 64n) | view.getBigUint64(offset + 8);
  return (high << 128n) | (view.getBigUint64(offset + 16) << 64n) | low;
}

export function storeWord(view: DataView, offset: number, word: bigint): void {
  // setBigUint64 keeps the low 64 bits of what it is given.
  if (word < TWO_POW_64) {
    view.setFloat64(offset, 0);
    view.setFloat64(offset + 8, 0);
    view.setFloat64(offset + 16, 0);
  } else {
    view.setBigUint64(offset, word >> 192n);
    view.setBigUint64(offset + 8, word >> 128n);
    view.setBigUint64(offset + 16, word >> 64n);
  }
  view.setBigUint64(offset + 24, word);
}

/** @param bytes 32 of them, a hash */
export function wordOfHash(bytes: Uint8Array): bigint {
  scratch.set(bytes);
  return loadWord(scratchView, 0);
}

/** The word at an offset inside data that continues with zeros for ever. */
export function loadPaddedWord(data: Uint8Array, offset: number): bigint {
  const present = Math.min(data.length - offset, WORD_BYTES);
  for (let i = 0; i < present; i++) scratch[i] = data[offset + i]!;
  for (let i = present; i < WORD_BYTES; i++) scratch[i] = 0;
  return loadWord(scratchView, 0);
}

export function bytesOfWord(word: bigint): Uint8Array {
  storeWord(scratchView, 0, word);
  return scratch.slice();
}

export function wordOfAddress(address: Address): bigint {
  return BigInt(`0x${address}`);
}

/** The low 160 bits: what stands above is ignored. */
export function addressOfWord(word: bigint): Address {
  return BigInt.asUintN(ADDRESS_BITS, word).toString(16).padStart(40, '0');
}

/** base ^ exponent modulo 2^256 */
export function power(base: bigint, exponent: bigint): bigint {
  if (base === 2n) return exponent > 255n ? 0n : 1n << exponent;
  // How compilers shift by bytes.
  if (base === 256n) return exponent > 31n ? 0n : 1n << (8n * exponent);
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = BigInt.asUintN(256, result * result);
    if (bit === '1') result = BigInt.asUintN(256, result * base);
  }
  return result;
}

/** Bytes of a number without leading zeros; 0 has none. */
export function byteLength(word: bigint): number {
  if (word < 256n) return word === 0n ? 0 : 1;
  return (word.toString(16).length + 1) >> 1;
}

/** Words that hold so many bytes. */
export function wordCount(bytes: number): number {
  return Math.ceil(bytes / WORD_BYTES);
}
