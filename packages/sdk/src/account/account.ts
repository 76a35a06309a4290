import type { CryptoSuite, SuiteName } from '@menglian/crypto/suite';
import { parseHex } from '@menglian/base/bytes';
import { addressOfPublicKey } from '@menglian/types/address';
import { signTransaction, type SignedTransaction, type TransactionFields } from '@menglian/types/transaction';
import { type Address, type Hex, hexOf } from '../hex.js';
import { PLATFORM_PORTS, type Ports } from '../ports.js';
import { sdkError } from '../sdkError.js';
import { loadAccountSuite } from './accountSuite.js';

const KEY_BYTES = 32;

/**
 * A key that signs. The key never leaves it but through `exportPrivateKey`: texts, JSON and inspection show the address.
 */
export class Account {
  readonly address: Address;
  readonly suite: CryptoSuite;
  /** 64 bytes. */
  readonly publicKey: Hex;
  readonly #privateKey: Uint8Array;

  /** @param privateKey 32 bytes, copied. @throws SdkError `BadKey` */
  constructor(suite: CryptoSuite, privateKey: Uint8Array) {
    if (!suite.isPrivateKey(privateKey)) {
      const advice = 'a key is 32 bytes, above 0 and below the order of the curve';
      throw sdkError('BadKey', `these ${privateKey.length} bytes are no private key`, advice);
    }
    this.suite = suite;
    this.#privateKey = privateKey.slice();
    const publicKey = suite.publicKey(privateKey);
    this.publicKey = hexOf(publicKey);
    this.address = `0x${addressOfPublicKey(suite, publicKey)}`;
  }

  signTransaction(fields: TransactionFields): SignedTransaction {
    return signTransaction(this.suite, fields, this.#privateKey);
  }

  /** @param digest 32 bytes: the hash of what is signed */
  signDigest(digest: Uint8Array): Hex {
    return hexOf(this.suite.sign(digest, this.#privateKey));
  }

  /** The secret itself, to keep it somewhere safe. @returns 32 bytes, a copy */
  exportPrivateKey(): Uint8Array {
    return this.#privateKey.slice();
  }

  toString(): string {
    return this.address;
  }

  toJSON(): string {
    return this.address;
  }
}

/** @param privateKey 64 hexadecimal digits, with or without 0x. @throws SdkError `BadKey`, without the text */
export async function accountFromPrivateKey(privateKey: string, suite: SuiteName = 'ecdsa'): Promise<Account> {
  const bytes = typeof privateKey === 'string' ? parseHex(privateKey) : undefined;
  if (bytes === undefined) {
    throw sdkError('BadKey', 'the private key is not hexadecimal', 'write 0x and 64 digits');
  }
  return new Account(await loadAccountSuite(suite), bytes);
}

/** A new key. @param ports where randomness comes from */
export async function randomAccount(suite: SuiteName = 'ecdsa', ports: Ports = PLATFORM_PORTS): Promise<Account> {
  const loaded = await loadAccountSuite(suite);
  for (;;) {
    const key = ports.random(KEY_BYTES);
    // One in 2^128 is not a key.
    if (loaded.isPrivateKey(key)) return new Account(loaded, key);
  }
}
