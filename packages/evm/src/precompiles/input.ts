import { toBigInt } from '@menglian/base/bytes';

/** Reading input of any length: what is missing at its end reads as zeros. */

/** `length` bytes from `offset` on; the caller bounds `length`. */
export function paddedBytes(input: Uint8Array, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (offset < input.length) bytes.set(input.subarray(offset, offset + length));
  return bytes;
}

/** The 32-byte big-endian number at `offset`. */
export function paddedWord(input: Uint8Array, offset: number): bigint {
  return toBigInt(paddedBytes(input, offset, 32));
}
