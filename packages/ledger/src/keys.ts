import { invariant } from '@menglian/base/invariant';
import { MAX_BLOCK_NUMBER, MAX_CONSENSUS_KEY_CHARACTERS } from './limits.js';

/** First byte of every key of the store. The whole layout is in README.md. */
const Prefix = {
  meta: 0x6d, // m
  head: 0x68, // h
  block: 0x62, // b ‖ number
  blockHash: 0x69, // i ‖ number
  blockNumber: 0x6e, // n ‖ block hash
  transaction: 0x74, // t ‖ transaction hash
  nonces: 0x6f, // o ‖ number
  state: 0x73, // s ‖ state key
  consensus: 0x63, // c ‖ text
  base: 0x61, // a
  certifiedHeader: 0x65, // e ‖ number
  staging: 0x78, // x ‖ part
} as const;

export const META_KEY = Uint8Array.of(Prefix.meta);
export const HEAD_KEY = Uint8Array.of(Prefix.head);

/** The block whose snapshot this ledger began with, if it did. */
export const BASE_KEY = Uint8Array.of(Prefix.base);

/** Parts of a snapshot that is being fetched or installed. */
export const STAGED_MANIFEST_KEY = Uint8Array.of(Prefix.staging, 0);
export const INSTALLING_KEY = Uint8Array.of(Prefix.staging, 1);
const STAGED_CHUNK = 2;

export function stagedChunkKey(index: number): Uint8Array {
  const key = new Uint8Array(6);
  key.set([Prefix.staging, STAGED_CHUNK]);
  new DataView(key.buffer).setUint32(2, index);
  return key;
}

export function certifiedHeaderKey(number: number): Uint8Array {
  return numberKey(Prefix.certifiedHeader, number);
}

/** The number in a key that `certifiedHeaderKey` made. */
export function certifiedHeaderNumber(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return view.getUint8(1) * 2 ** 32 + view.getUint32(2);
}

/** Every key that a state key can make. */
export const STATE_KEYS = { from: Uint8Array.of(Prefix.state), to: Uint8Array.of(Prefix.state + 1) };

export function blockKey(number: number): Uint8Array {
  return numberKey(Prefix.block, number);
}

export function blockHashKey(number: number): Uint8Array {
  return numberKey(Prefix.blockHash, number);
}

export function blockNumberKey(hash: Uint8Array): Uint8Array {
  return bytesKey(Prefix.blockNumber, hash);
}

export function transactionKey(hash: Uint8Array): Uint8Array {
  return bytesKey(Prefix.transaction, hash);
}

export function noncesKey(number: number): Uint8Array {
  return numberKey(Prefix.nonces, number);
}

export function stateKey(key: Uint8Array): Uint8Array {
  return bytesKey(Prefix.state, key);
}

/** Where the record `name` of the consensus engine is stored. @param name printable ASCII */
export function consensusKey(name: string): Uint8Array {
  invariant(name.length <= MAX_CONSENSUS_KEY_CHARACTERS, 'ledger/consensus-key-length', name);
  const key = new Uint8Array(1 + name.length);
  key[0] = Prefix.consensus;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    invariant(code >= 0x20 && code < 0x7f, 'ledger/consensus-key-text', name);
    key[1 + i] = code;
  }
  return key;
}

export function isConsensusKey(key: Uint8Array): boolean {
  return key[0] === Prefix.consensus;
}

/** The name in a key that `consensusKey` made. */
export function consensusName(key: Uint8Array): string {
  return String.fromCharCode(...key.subarray(1));
}

function bytesKey(prefix: number, bytes: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + bytes.length);
  key[0] = prefix;
  key.set(bytes, 1);
  return key;
}

/** Big-endian, so that the order of keys is the order of numbers. */
function numberKey(prefix: number, number: number): Uint8Array {
  invariant(Number.isSafeInteger(number) && number >= 0 && number <= MAX_BLOCK_NUMBER, 'ledger/block-number');
  const key = new Uint8Array(6);
  const view = new DataView(key.buffer);
  key[0] = prefix;
  key[1] = Math.floor(number / 2 ** 32);
  view.setUint32(2, number % 2 ** 32);
  return key;
}
