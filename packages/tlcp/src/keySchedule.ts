/** Secrets and keys of a session (GB/T 38636-2020, 6.5): that of TLS 1.2 with SM3. */
import { concatBytes } from '@menglian/base/bytes';
import { sm3 } from '@menglian/crypto/hashes';
import { tlcpPrf } from '@menglian/crypto/kdf';
import type { CipherSuite } from './cipherSuites.js';

export const MASTER_SECRET_BYTES = 48;
export const RANDOM_BYTES = 32;
export const MAC_KEY_BYTES = 32;
const KEY_BYTES = 16;
const GCM_SALT_BYTES = 4;
const VERIFY_DATA_BYTES = 12;

/** The random values of both hellos, 32 bytes each. */
export interface Randoms {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

/** Keys of one direction. */
export interface DirectionKeys {
  /** 32 bytes with CBC, none with GCM */
  readonly macKey: Uint8Array;
  /** 16 bytes */
  readonly key: Uint8Array;
  /** 4 bytes with GCM, none with CBC, where every record brings its own vector */
  readonly salt: Uint8Array;
}

export interface SessionKeys {
  readonly client: DirectionKeys;
  readonly server: DirectionKeys;
}

/** @returns 48 bytes */
export function masterSecret(premaster: Uint8Array, { client, server }: Randoms): Uint8Array {
  return tlcpPrf(premaster, 'master secret', concatBytes(client, server), MASTER_SECRET_BYTES);
}

export function sessionKeys(master: Uint8Array, { client, server }: Randoms, mode: CipherSuite['mode']): SessionKeys {
  const sizes = mode === 'gcm' ? [0, KEY_BYTES, GCM_SALT_BYTES] : [MAC_KEY_BYTES, KEY_BYTES, 0];
  const block = tlcpPrf(master, 'key expansion', concatBytes(server, client), 2 * sizes.reduce((a, b) => a + b));
  let offset = 0;
  const take = (length: number) => block.subarray(offset, (offset += length));
  const [macKeys, keys, salts] = sizes.map((size) => ({ client: take(size), server: take(size) }));
  const side = (name: 'client' | 'server') => ({ macKey: macKeys![name], key: keys![name], salt: salts![name] });
  return { client: side('client'), server: side('server') };
}

/** What Finished carries. @param transcript every message of the handshake so far. @returns 12 bytes */
export function verifyData(master: Uint8Array, side: 'client' | 'server', transcript: Uint8Array): Uint8Array {
  return tlcpPrf(master, `${side} finished`, sm3(transcript), VERIFY_DATA_BYTES);
}
