/**
 * The form of an encrypted value, which needs nothing but its data key and its place in the database to be read:
 *
 * format 0xe1 (1) ‖ id of the data key (4) ‖ salt of the segment (16) ‖ counter in the segment (4) ‖ ciphertext ‖ tag (16)
 */
import { toByteString, toHex } from '@menglian/base/bytes';
import { KEY_ID_BYTES } from './dataKey.js';
import { NONCE_BYTES, TAG_BYTES } from './valueCipher.js';

export const SEALED_FORMAT = 0xe1;
export const SALT_BYTES = 16;
const COUNTER_BYTES = 4;

/** Values encrypted under one salt: then the counter is full, and another salt begins. */
export const SEGMENT_VALUES_MAX = 2 ** 32;

/** What is the same in all values of a segment. */
export const SEGMENT_HEADER_BYTES = 1 + KEY_ID_BYTES + SALT_BYTES;
export const HEADER_BYTES = SEGMENT_HEADER_BYTES + COUNTER_BYTES;

/** How much longer a value is when it is encrypted. */
export const SEALED_EXTRA_BYTES = HEADER_BYTES + TAG_BYTES;

/** Whether the bytes can be an encrypted value. A plain value can look so by chance; many together cannot. */
export function looksSealed(value: Uint8Array): boolean {
  return value.length >= SEALED_EXTRA_BYTES && value[0] === SEALED_FORMAT;
}

/** @param sealed of which `looksSealed` is true */
export function keyIdOf(sealed: Uint8Array): string {
  return toHex(sealed.subarray(1, 1 + KEY_ID_BYTES));
}

export function saltOf(sealed: Uint8Array): Uint8Array {
  return sealed.subarray(1 + KEY_ID_BYTES, SEGMENT_HEADER_BYTES);
}

/** Format, key id and salt as a key for maps. */
export function segmentNameOf(sealed: Uint8Array): string {
  return toByteString(sealed.subarray(0, SEGMENT_HEADER_BYTES));
}

/** Zeros and the counter: the segment's key is used with no other nonces. */
export function nonceOf(sealed: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  nonce.set(sealed.subarray(SEGMENT_HEADER_BYTES, HEADER_BYTES), NONCE_BYTES - COUNTER_BYTES);
  return nonce;
}

/** Header and place in the database: what is not encrypted but may not be changed either. */
export function additionalDataOf(sealed: Uint8Array, databaseKey: Uint8Array): Uint8Array {
  const data = new Uint8Array(HEADER_BYTES + databaseKey.length);
  data.set(sealed.subarray(0, HEADER_BYTES));
  data.set(databaseKey, HEADER_BYTES);
  return data;
}

export function writeCounter(header: Uint8Array, counter: number): void {
  new DataView(header.buffer, header.byteOffset).setUint32(SEGMENT_HEADER_BYTES, counter);
}
