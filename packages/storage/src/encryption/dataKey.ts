import { concatBytes, toHex, utf8Bytes } from '@menglian/base/bytes';
import { hashOf, keyBytesOf, type StorageAlgorithm } from './valueCipher.js';

/** Encrypts values. The last of a list of them encrypts new ones; the others read what is older. */
export interface DataKey {
  /** 8 hexadecimal digits, made from the key: the same text never means another key. */
  readonly id: string;
  readonly algorithm: StorageAlgorithm;
  /** 32 bytes for aes, 16 for sm4. A secret. */
  readonly key: Uint8Array;
}

export const KEY_ID_BYTES = 4;

const ID_PURPOSE = utf8Bytes('menglian data key id');

/** @param randomBytes from a source that nobody can guess */
export function makeDataKey(algorithm: StorageAlgorithm, randomBytes: (count: number) => Uint8Array): DataKey {
  const key = randomBytes(keyBytesOf(algorithm));
  return { id: dataKeyId(algorithm, key), algorithm, key };
}

export function dataKeyId(algorithm: StorageAlgorithm, key: Uint8Array): string {
  const hash = hashOf(algorithm, concatBytes(ID_PURPOSE, utf8Bytes(algorithm), key));
  return toHex(hash.subarray(0, KEY_ID_BYTES));
}
