/** Keys from secrets with SM3. */
import { concatBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { sm3 } from './hashes.js';

const HASH_BYTES = 32;

/** What one call may ask for: far above any key, and above the messages of SM2 encryption. */
const KDF_BYTES_MAX = 16 * 1024 * 1024;

/**
 * The key derivation function of SM2 (GB/T 32918.4-2016, 5.4.3): SM3(shared ‖ 1) ‖ SM3(shared ‖ 2) ‖ …
 * @param length bytes wanted
 */
export function sm3Kdf(shared: Uint8Array, length: number): Uint8Array {
  invariant(length >= 0 && length <= KDF_BYTES_MAX, 'crypto/kdf-length');
  const input = concatBytes(shared, new Uint8Array(4));
  const counter = new DataView(input.buffer, shared.length);
  const output = new Uint8Array(Math.ceil(length / HASH_BYTES) * HASH_BYTES);
  for (let i = 0; i * HASH_BYTES < length; i++) {
    counter.setUint32(0, i + 1);
    output.set(sm3(input), i * HASH_BYTES);
  }
  return output.slice(0, length);
}
