/** The two families of algorithms a store can be encrypted with. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { sha256, sm3 } from '@menglian/crypto/hashes';
import { hkdf, pbkdf2 } from '@menglian/crypto/kdf';
import { createSm4Gcm } from '@menglian/crypto/sm4Gcm';

/** `aes`: AES-256-GCM and SHA-256. `sm4`: SM4-GCM and SM3. */
export type StorageAlgorithm = 'aes' | 'sm4';

export const STORAGE_ALGORITHMS: readonly StorageAlgorithm[] = ['aes', 'sm4'];

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** Encrypts, and tells whether anything was changed. Made for one key. */
export interface ValueCipher {
  /** @param nonce 12 bytes, never twice with one key. @returns ciphertext ‖ 16 bytes of tag */
  seal(nonce: Uint8Array, plaintext: Uint8Array, additionalData: Uint8Array): Uint8Array;
  /** @param sealed any bytes. @returns undefined when key, nonce, data or additional data are not those of `seal` */
  open(nonce: Uint8Array, sealed: Uint8Array, additionalData: Uint8Array): Uint8Array | undefined;
}

interface Family {
  readonly keyBytes: number;
  readonly hash: (data: Uint8Array) => Uint8Array;
  readonly hashName: 'sha256' | 'sm3';
  readonly createCipher: (key: Uint8Array) => ValueCipher;
}

const FAMILIES: Readonly<Record<StorageAlgorithm, Family>> = {
  aes: { keyBytes: 32, hash: sha256, hashName: 'sha256', createCipher: createAesGcm },
  sm4: { keyBytes: 16, hash: sm3, hashName: 'sm3', createCipher: createSm4Gcm },
};

export function keyBytesOf(algorithm: StorageAlgorithm): number {
  return FAMILIES[algorithm].keyBytes;
}

export function hashOf(algorithm: StorageAlgorithm, data: Uint8Array): Uint8Array {
  return FAMILIES[algorithm].hash(data);
}

/** @param key as long as `keyBytesOf` says */
export function createCipher(algorithm: StorageAlgorithm, key: Uint8Array): ValueCipher {
  return FAMILIES[algorithm].createCipher(key);
}

/** A key for one purpose, by HKDF. @param purpose other purposes give keys that say nothing about this one */
export function deriveKey(
  algorithm: StorageAlgorithm,
  secret: Uint8Array,
  salt: Uint8Array,
  purpose: Uint8Array,
): Uint8Array {
  const { hash, keyBytes } = FAMILIES[algorithm];
  return hkdf(hash, secret, salt, purpose, keyBytes);
}

/** A key from a text that people choose, by PBKDF2: takes time on purpose. */
export function stretchKey(
  algorithm: StorageAlgorithm,
  passphrase: Uint8Array,
  salt: Uint8Array,
  rounds: number,
): Uint8Array {
  const { hashName, keyBytes } = FAMILIES[algorithm];
  return pbkdf2(hashName, passphrase, salt, rounds, keyBytes);
}

const AES_OPTIONS = { authTagLength: TAG_BYTES };

function createAesGcm(key: Uint8Array): ValueCipher {
  return {
    seal(nonce, plaintext, additionalData) {
      const cipher = createCipheriv('aes-256-gcm', key, nonce, AES_OPTIONS);
      cipher.setAAD(additionalData);
      const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
      sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },

    open(nonce, sealed, additionalData) {
      const length = sealed.length - TAG_BYTES;
      if (length < 0) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, AES_OPTIONS);
      decipher.setAAD(additionalData);
      decipher.setAuthTag(sealed.subarray(length));
      const plaintext = decipher.update(sealed.subarray(0, length));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
    },
  };
}
