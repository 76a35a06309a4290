/**
 * The hash functions of both suites, synchronous. They answer from JavaScript at once; after `initializeHashes`
 * they answer from WebAssembly, 5 to 8 times faster on short input, with the same results.
 */
import { ripemd160 as nobleRipemd160 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { keccak_256 as nobleKeccak256 } from '@noble/hashes/sha3.js';
import { createKeccak, createSHA256, createSM3, type IHasher } from 'hash-wasm';
import { sm3 as javascriptSm3 } from './sm3.js';

/** A hasher keeps state between `init` and `digest`; these functions never yield between the two. */
type HashFunction = (data: Uint8Array) => Uint8Array;

interface HashFunctions {
  readonly keccak256: HashFunction;
  readonly sha256: HashFunction;
  readonly sm3: HashFunction;
}

/** The implementations that are always there. Exported so that tests can hold the others against them. */
export const javascriptHashes: HashFunctions = {
  keccak256: (data) => nobleKeccak256(data),
  sha256: (data) => nobleSha256(data),
  sm3: javascriptSm3,
};

let active: HashFunctions = javascriptHashes;
let initialization: Promise<void> | undefined;

/** keccak-256 with the original padding 0x01 (not SHA3-256). @returns 32 bytes, a fresh array */
export function keccak256(data: Uint8Array): Uint8Array {
  return active.keccak256(data);
}

/** SM3, GB/T 32905-2016. @returns 32 bytes, a fresh array */
export function sm3(data: Uint8Array): Uint8Array {
  return active.sm3(data);
}

/** SHA-256, FIPS 180-4. @returns 32 bytes, a fresh array */
export function sha256(data: Uint8Array): Uint8Array {
  return active.sha256(data);
}

/** RIPEMD-160. Only the EVM's built-in contract 3 needs it. @returns 20 bytes, a fresh array */
export function ripemd160(data: Uint8Array): Uint8Array {
  return nobleRipemd160(data);
}

/**
 * Switches to WebAssembly where the platform has it (a page whose policy forbids it keeps JavaScript). Safe to call
 * again; `loadSuite` does.
 */
export function initializeHashes(): Promise<void> {
  initialization ??= loadWebAssemblyHashes();
  return initialization;
}

async function loadWebAssemblyHashes(): Promise<void> {
  try {
    const [keccakHasher, sha256Hasher, sm3Hasher] = await Promise.all([createKeccak(256), createSHA256(), createSM3()]);
    active = {
      keccak256: oneShot(keccakHasher),
      sha256: oneShot(sha256Hasher),
      sm3: oneShot(sm3Hasher),
    };
  } catch {
    active = javascriptHashes;
  }
}

function oneShot(hasher: IHasher): HashFunction {
  return (data) => hasher.init().update(data).digest('binary');
}
