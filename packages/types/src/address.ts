/** Names of accounts, contracts and nodes, and how contracts get theirs. Facts: docs/formats.md, "Hashing and keys". */
import { concatBytes, fromHex, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { encodeRlp, rlpInteger } from '@menglian/codec/rlp';
import type { CryptoSuite } from '@menglian/crypto/suite';

/** 40 lower-case hexadecimal characters, without 0x. */
export type Address = string;

/** Public key of a node: 128 lower-case hexadecimal characters, without 0x. */
export type NodeId = string;

export const ADDRESS_BYTES = 20;
export const NODE_ID_BYTES = 64;

/** Stands for "no address" in receipts and results. */
export const ZERO_ADDRESS: Address = '0'.repeat(2 * ADDRESS_BYTES);

/** EIP-1014 puts this byte first, so that the hashed text is never a list as for `contractAddress`. */
const CREATE2_PREFIX = new Uint8Array([0xff]);

export function addressBytes(address: Address): Uint8Array {
  invariant(address.length === 2 * ADDRESS_BYTES, 'types/address-length');
  return fromHex(address);
}

export function addressFromBytes(bytes: Uint8Array): Address {
  invariant(bytes.length === ADDRESS_BYTES, 'types/address-length');
  return toHex(bytes);
}

/** @param publicKey 64 bytes */
export function addressOfPublicKey(suite: CryptoSuite, publicKey: Uint8Array): Address {
  invariant(publicKey.length === NODE_ID_BYTES, 'types/public-key-length');
  return addressOfHash(suite.hash(publicKey));
}

/**
 * Address of what CREATE or a deployment makes.
 * @param creationNumber creations made by `sender` before this one, 0 the first time, also for contracts. It is not the
 *   nonce of the transaction.
 */
export function contractAddress(suite: CryptoSuite, sender: Address, creationNumber: bigint): Address {
  return addressOfHash(suite.hash(encodeRlp([addressBytes(sender), rlpInteger(creationNumber)])));
}

/** Address of what CREATE2 makes. @param salt 32 bytes */
export function create2Address(suite: CryptoSuite, sender: Address, salt: Uint8Array, initCode: Uint8Array): Address {
  invariant(salt.length === 32, 'types/create2-salt-length');
  return addressOfHash(suite.hash(concatBytes(CREATE2_PREFIX, addressBytes(sender), salt, suite.hash(initCode))));
}

function addressOfHash(hash: Uint8Array): Address {
  return addressFromBytes(hash.subarray(hash.length - ADDRESS_BYTES));
}
