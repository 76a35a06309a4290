import { randomBytes } from 'node:crypto';
import { EMPTY_BYTES, concatBytes, toBigInt, toHex, utf8Bytes } from '@menglian/base/bytes';
import { encodeAbi, selector, type AbiValue } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { addressOfPublicKey, type Address } from '@menglian/types/address';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';

/** Blocks a transaction may wait, as 2.x SDKs choose it. */
const BLOCK_LIMIT_AHEAD = 500;

/** Fields that SDKs of 2.x send; nodes do not limit execution by them. */
const GAS = 300_000_000n;

export interface TransactionTarget {
  readonly chainId: number;
  readonly groupId: number;
  readonly blockNumber: number;
  /** undefined deploys a contract */
  readonly to: Address | undefined;
}

/** A key that signs transactions. */
export class Account {
  readonly address: Address;
  readonly #suite: CryptoSuite;
  readonly #privateKey: Uint8Array;

  constructor(suite: CryptoSuite, privateKey: Uint8Array) {
    this.#suite = suite;
    this.#privateKey = privateKey;
    this.address = addressOfPublicKey(suite, suite.publicKey(privateKey));
  }

  /** A new account with a key from the system's random source. */
  static generate(suite: CryptoSuite): Account {
    for (;;) {
      const key = Uint8Array.from(randomBytes(32));
      if (suite.isPrivateKey(key)) return new Account(suite, key);
    }
  }

  sign(target: TransactionTarget, data: Uint8Array): SignedTransaction {
    return signTransaction(
      this.#suite,
      {
        nonce: toBigInt(Uint8Array.from(randomBytes(31))),
        gasPrice: GAS,
        gas: GAS,
        blockLimit: BigInt(target.blockNumber + BLOCK_LIMIT_AHEAD),
        to: target.to,
        value: 0n,
        data,
        chainId: BigInt(target.chainId),
        groupId: BigInt(target.groupId),
        extraData: EMPTY_BYTES,
      },
      this.#privateKey,
    );
  }
}

/** Call data of a function, for example `encodeCall(suite, 'set(string)', ['string'], ['hi'])`. */
export function encodeCall(
  suite: CryptoSuite,
  signature: string,
  types: readonly string[],
  values: readonly AbiValue[],
): Uint8Array {
  return concatBytes(
    selector((bytes) => suite.hash(bytes), signature),
    encodeAbi(types, values),
  );
}

/** Text as the ABI codec takes it: one character for each byte of its UTF-8. */
export function abiText(text: string): string {
  return Buffer.from(utf8Bytes(text)).toString('latin1');
}

export function rawText(transaction: SignedTransaction): string {
  return `0x${toHex(transaction.raw)}`;
}
