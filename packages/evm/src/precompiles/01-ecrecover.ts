import { EMPTY_BYTES } from '@menglian/base/bytes';
import { wordOfHash } from '../words.js';
import type { BuiltIn } from './builtIn.js';
import { paddedBytes } from './input.js';

const GAS = 3_000;
const WORK = 20_000;

/**
 * Address of the key that signed: input hash ‖ v ‖ r ‖ s, 32 bytes each, v being 27 or 28. Any other v, values out of range,
 * s above half the order (unlike Ethereum) or no such key: success without output.
 */
export const ecrecover: BuiltIn = {
  name: 'ecrecover',
  gas: () => GAS,
  work: () => WORK,
  run(input, ecdsa) {
    const bytes = paddedBytes(input, 0, 128);
    const recovery = wordOfHash(bytes.subarray(32, 64)) - 27n;
    if (recovery !== 0n && recovery !== 1n) return EMPTY_BYTES;
    const signature = new Uint8Array(65);
    signature.set(bytes.subarray(64, 128));
    signature[64] = Number(recovery);
    const key = ecdsa.recover(bytes.slice(0, 32), signature);
    if (key === undefined) return EMPTY_BYTES;
    const output = ecdsa.hash(key);
    output.fill(0, 0, 12);
    return output;
  },
};
