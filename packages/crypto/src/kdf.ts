/** Keys from secrets and passwords. `hash` is a hash function of 64-byte blocks and 32 bytes: SM3 or SHA-256. */
import { concatBytes, EMPTY_BYTES, utf8Bytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { sha256, sm3 } from './hashes.js';
import { hmac } from './hmac.js';
import { nodeCrypto } from './nodeCrypto.js';

type Hash = (data: Uint8Array) => Uint8Array;

const HASH_BYTES = 32;

/** What one call may ask for: far above any key, and above the messages of SM2 encryption. */
const KDF_BYTES_MAX = 16 * 1024 * 1024;

/** Bytes of HKDF and PBKDF2 in one call. RFC 5869, 2.3: the counter of a block is one byte. */
const HKDF_BYTES_MAX = 255 * HASH_BYTES;

/** Rounds of PBKDF2: about a second with OpenSSL, some seconds without. Files that ask for more are not opened. */
export const PBKDF2_ROUNDS_MAX = 2_000_000;

/**
 * The key derivation function of SM2 (GB/T 32918.4-2016, 5.4.3): SM3(shared ‖ 1) ‖ SM3(shared ‖ 2) ‖ …
 * @param length bytes wanted
 */
export function sm3Kdf(shared: Uint8Array, length: number): Uint8Array {
  invariant(length >= 0 && length <= KDF_BYTES_MAX, 'crypto/kdf-length');
  const input = concatBytes(shared, new Uint8Array(4));
  const counter = new DataView(input.buffer, shared.length);
  return blocks(length, (i) => {
    counter.setUint32(0, i + 1);
    return sm3(input);
  });
}

/** HKDF, RFC 5869: extract, then expand. @param salt none is the empty array. @param length at most 8,160 bytes */
export function hkdf(hash: Hash, secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return hkdfExpand(hash, hkdfExtract(hash, secret, salt), info, length);
}

/** @returns 32 bytes, as unguessable as the secret is and without its structure */
export function hkdfExtract(hash: Hash, secret: Uint8Array, salt: Uint8Array): Uint8Array {
  return hmac(hash, salt, secret);
}

/** @param key of `hkdfExtract`. @param info what the bytes are for: each purpose gets bytes of its own */
export function hkdfExpand(hash: Hash, key: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  invariant(length >= 0 && length <= HKDF_BYTES_MAX, 'crypto/hkdf-length');
  let previous: Uint8Array = EMPTY_BYTES;
  return blocks(length, (i) => (previous = hmac(hash, key, concatBytes(previous, info, Uint8Array.of(i + 1)))));
}

/**
 * The pseudo-random function of TLCP (GB/T 38636-2020, 5.2; TLS 1.2's P_hash with SM3).
 * @param label ASCII text such as `master secret`
 */
export function tlcpPrf(secret: Uint8Array, label: string, seed: Uint8Array, length: number): Uint8Array {
  invariant(length >= 0 && length <= KDF_BYTES_MAX, 'crypto/kdf-length');
  const labelled = concatBytes(utf8Bytes(label), seed);
  let chain: Uint8Array = labelled;
  return blocks(length, () => {
    chain = hmac(sm3, secret, chain);
    return hmac(sm3, secret, concatBytes(chain, labelled));
  });
}

/**
 * PBKDF2, RFC 8018, 5.2, with HMAC. Takes time on purpose and does not yield.
 * @param rounds 1 to `PBKDF2_ROUNDS_MAX`
 */
export function pbkdf2(
  hashName: 'sm3' | 'sha256',
  password: Uint8Array,
  salt: Uint8Array,
  rounds: number,
  length: number,
): Uint8Array {
  invariant(rounds >= 1 && rounds <= PBKDF2_ROUNDS_MAX, 'crypto/pbkdf2-rounds');
  invariant(length >= 1 && length <= HKDF_BYTES_MAX, 'crypto/pbkdf2-length');
  if (NODE_HASHES.has(hashName)) {
    return new Uint8Array(nodeCrypto!.pbkdf2Sync(password, salt, rounds, length, hashName));
  }
  return javascriptPbkdf2({ sm3, sha256 }[hashName], password, salt, rounds, length);
}

/** The same without OpenSSL. Exported so that tests can hold it against the other. */
export function javascriptPbkdf2(
  hash: Hash,
  password: Uint8Array,
  salt: Uint8Array,
  rounds: number,
  length: number,
): Uint8Array {
  const index = new Uint8Array(4);
  return blocks(length, (i) => {
    new DataView(index.buffer).setUint32(0, i + 1);
    let value = hmac(hash, password, concatBytes(salt, index));
    const sum = value.slice();
    for (let round = 1; round < rounds; round++) {
      value = hmac(hash, password, value);
      for (let at = 0; at < HASH_BYTES; at++) sum[at]! ^= value[at]!;
    }
    return sum;
  });
}

/** Builds of OpenSSL may leave SM3 out. */
const NODE_HASHES: ReadonlySet<string> = new Set(nodeCrypto?.getHashes());

/** @param block gives the 32 bytes of block i, from 0 on, in order */
function blocks(length: number, block: (i: number) => Uint8Array): Uint8Array {
  const output = new Uint8Array(Math.ceil(length / HASH_BYTES) * HASH_BYTES);
  for (let i = 0; i * HASH_BYTES < length; i++) output.set(block(i), i * HASH_BYTES);
  return output.slice(0, length);
}
