/** SM4-GCM (RFC 8998; NIST SP 800-38D with SM4): encrypts, and tells whether anything was changed. */
import { concatBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { equalSecrets } from './constantTime.js';
import { createGhash } from './ghash.js';
import { nodeCrypto } from './nodeCrypto.js';
import { expandSm4Key, sm4Ctr } from './sm4.js';
import { createAddonSm4Gcm } from './sm4GcmAddon.js';

const KEY_BYTES = 16;
const BLOCK_BYTES = 16;
const SM4_GCM_NONCE_BYTES = 12;
const SM4_GCM_TAG_BYTES = 16;

/** Longest message, and longest additional data: the 32-bit counter and the lengths stay far from their ends. */
const GCM_BYTES_MAX = 2 ** 31;

export interface Sm4Gcm {
  /**
   * @param nonce 12 bytes, never twice with one key: that would give away both messages and the means to forge more
   * @returns ciphertext ‖ 16 bytes of tag, a fresh array
   */
  seal(nonce: Uint8Array, plaintext: Uint8Array, additionalData: Uint8Array): Uint8Array;
  /** @param sealed any bytes. @returns a fresh array; undefined when key, nonce, additional data or `sealed` are not those of `seal` */
  open(nonce: Uint8Array, sealed: Uint8Array, additionalData: Uint8Array): Uint8Array | undefined;
}

/** Counter mode: (counter, data) to the other of plaintext and ciphertext. A fresh array. */
export type CounterMode = (counter: Uint8Array, data: Uint8Array) => Uint8Array;

/**
 * Prepares a key for all its messages. The addon answers where it was built; else JavaScript and OpenSSL, where preparing
 * takes as long as sealing 2 kB and keeps 64 kB.
 * @param key 16 bytes
 */
export function createSm4Gcm(key: Uint8Array): Sm4Gcm {
  invariant(key.length === KEY_BYTES, 'crypto/sm4-key-length');
  const gcm = createAddonSm4Gcm(key) ?? createGcm(fastestCounterMode(key));
  return {
    seal(nonce, plaintext, additionalData) {
      checkLengths(nonce, plaintext.length, additionalData);
      return gcm.seal(nonce, plaintext, additionalData);
    },

    open(nonce, sealed, additionalData) {
      if (sealed.length < SM4_GCM_TAG_BYTES) return undefined;
      checkLengths(nonce, sealed.length - SM4_GCM_TAG_BYTES, additionalData);
      return gcm.open(nonce, sealed, additionalData);
    },
  };
}

/** GCM over the counter mode of any cipher with blocks of 16 bytes; without the checks of `createSm4Gcm`. */
export function createGcm(counterMode: CounterMode): Sm4Gcm {
  const counter = new Uint8Array(BLOCK_BYTES);
  const ghash = createGhash(counterMode(counter, counter));

  /** Begins with the mask of the tag, the encryption of the first counter. */
  function encrypt(nonce: Uint8Array, data: Uint8Array): Uint8Array {
    counter.set(nonce);
    // J0 of 7.1: the nonce and a one. The 2^31 bytes allowed never carry out of its last four bytes.
    counter[BLOCK_BYTES - 1] = 1;
    const padded = new Uint8Array(BLOCK_BYTES + data.length);
    padded.set(data, BLOCK_BYTES);
    return counterMode(counter, padded);
  }

  function tagOf(mask: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    const tag = ghash(additionalData, ciphertext);
    for (let i = 0; i < SM4_GCM_TAG_BYTES; i++) tag[i]! ^= mask[i]!;
    return tag;
  }

  return {
    seal(nonce, plaintext, additionalData) {
      const encrypted = encrypt(nonce, plaintext);
      const ciphertext = encrypted.subarray(BLOCK_BYTES);
      return concatBytes(ciphertext, tagOf(encrypted, additionalData, ciphertext));
    },

    open(nonce, sealed, additionalData) {
      const ciphertext = sealed.subarray(0, sealed.length - SM4_GCM_TAG_BYTES);
      const decrypted = encrypt(nonce, ciphertext);
      const tag = tagOf(decrypted, additionalData, ciphertext);
      const isRight = equalSecrets(tag, sealed.subarray(ciphertext.length));
      // A copy: behind the view would stand the mask of the tag.
      return isRight ? decrypted.slice(BLOCK_BYTES) : undefined;
    },
  };
}

function checkLengths(nonce: Uint8Array, dataLength: number, additionalData: Uint8Array): void {
  invariant(nonce.length === SM4_GCM_NONCE_BYTES, 'crypto/gcm-nonce-length');
  invariant(dataLength <= GCM_BYTES_MAX && additionalData.length <= GCM_BYTES_MAX, 'crypto/gcm-length');
}

/** Below this many bytes, calling OpenSSL takes longer than what it saves. */
const NODE_BYTES_MIN = 2048;

/** The same bytes as either of the two: OpenSSL's where there is one and the data is long enough, else ours. */
function fastestCounterMode(key: Uint8Array): CounterMode {
  const javascript = javascriptCounterMode(key);
  const node = nodeCounterMode(key);
  if (node === undefined) return javascript;
  return (counter, data) => (data.length < NODE_BYTES_MIN ? javascript : node)(counter, data);
}

export function javascriptCounterMode(key: Uint8Array): CounterMode {
  const expanded = expandSm4Key(key);
  return (counter, data) => sm4Ctr(expanded, counter, data);
}

/** Builds of OpenSSL may leave SM4 out. */
const HAS_NODE_SM4 = nodeCrypto?.getCiphers().includes('sm4-ctr') ?? false;

/** @returns undefined outside of Node */
export function nodeCounterMode(key: Uint8Array): CounterMode | undefined {
  invariant(key.length === KEY_BYTES, 'crypto/sm4-key-length');
  if (nodeCrypto === undefined || !HAS_NODE_SM4) return undefined;
  const { createCipheriv } = nodeCrypto;
  const copy = new Uint8Array(key);
  return (counter, data) => {
    const output = createCipheriv('sm4-ctr', copy, counter).update(data);
    // Not a Buffer, whose slice would be a view.
    return new Uint8Array(output.buffer, output.byteOffset, output.length);
  };
}
