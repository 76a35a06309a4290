import { equalBytes } from '@menglian/base/bytes';
import { LruMap } from '@menglian/base/lruMap';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Address, addressOfPublicKey } from '@menglian/types/address';
import { type SignedTransaction, type UncheckedTransaction, withSender } from '@menglian/types/transaction';
import { SENDER_KEYS_MAX } from './limits.js';

/** A transaction whose signature is to be checked, and what a peer says of it, which is not trusted. */
export interface Unchecked {
  readonly transaction: UncheckedTransaction;
  readonly likelySender?: Address | undefined;
  /** of the suite `sm` */
  readonly likelyParity?: 0 | 1 | undefined;
}

/** Below this many transactions without a name, a guess saves less than the samples cost that it is made from. */
const GUESSED_MIN = 12;

/**
 * Checks signatures, many at once, and keeps the keys of senders found so: whoever sent before will send again, and
 * signatures whose key is known are checked in bulk at a fraction of the price (eprint 2012/582).
 */
export class SenderKeys {
  readonly #suite: CryptoSuite;
  /** 64 bytes each, found by checking a signature and by nothing else. */
  readonly #keys = new LruMap<Address, Uint8Array>(SENDER_KEYS_MAX);
  /** of the suite `sm`, by key in latin1 */
  readonly #addresses = new LruMap<string, Address>(SENDER_KEYS_MAX);

  constructor(suite: CryptoSuite) {
    this.#suite = suite;
  }

  /** @returns each with its sender, in order, or undefined where the signature is not valid */
  verify(unchecked: readonly Unchecked[]): (SignedTransaction | undefined)[] {
    return this.#suite.name === 'sm' ? this.#verifyWithKeys(unchecked) : this.#verifyWithoutKeys(unchecked);
  }

  /** Signatures of SM2 bring their keys along. */
  #verifyWithKeys(unchecked: readonly Unchecked[]): (SignedTransaction | undefined)[] {
    const checks = unchecked.map(({ transaction: { signingHash: digest, signature }, likelyParity }) => {
      return { digest, signature, likelyParity };
    });
    const parities = new Uint8Array(checks.length);
    return this.#suite.recoverMany(checks, parities).map((key, index) => {
      if (key === undefined) return undefined;
      const parity = parities[index]!;
      const known = parity === 0 || parity === 1 ? parity : undefined;
      return withSender(unchecked[index]!.transaction, this.#addressOf(key), known);
    });
  }

  /** One account mostly sends many: its key is hashed once. */
  #addressOf(key: Uint8Array): Address {
    const id = Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
    let address = this.#addresses.get(id);
    if (address === undefined) {
      address = addressOfPublicKey(this.#suite, key);
      this.#addresses.set(id, address);
    }
    return address;
  }

  #verifyWithoutKeys(unchecked: readonly Unchecked[]): (SignedTransaction | undefined)[] {
    const known = new Map<Address, Uint8Array | undefined>();
    const guess = this.#guessOfUnnamed(unchecked);
    const checks = unchecked.map(({ transaction: { signingHash: digest, signature }, likelySender }) => {
      if (likelySender === undefined) return { digest, signature, likelyKey: guess };
      if (!known.has(likelySender)) known.set(likelySender, this.#keys.get(likelySender));
      return { digest, signature, likelyKey: known.get(likelySender) };
    });
    const senders = new Map<Uint8Array, Address>();
    for (const [sender, key] of known) if (key !== undefined) senders.set(key, sender);
    return this.#suite.recoverMany(checks).map((key, index) => {
      if (key === undefined) return undefined;
      let sender = senders.get(key);
      if (sender === undefined) {
        sender = addressOfPublicKey(this.#suite, key);
        senders.set(key, sender);
        if (!known.has(sender) || known.get(sender) === undefined) this.#keys.set(sender, key);
      }
      return withSender(unchecked[index]!.transaction, sender);
    });
  }

  /**
   * What one client sends in one batch mostly has one sender: where three of them agree, it is guessed of all.
   * @returns undefined when they do not, or there are few
   */
  #guessOfUnnamed(unchecked: readonly Unchecked[]): Uint8Array | undefined {
    const unnamed = unchecked.filter(({ likelySender }) => likelySender === undefined);
    if (unnamed.length < GUESSED_MIN) return undefined;
    const samples = [unnamed[0]!, unnamed[unnamed.length >> 1]!, unnamed.at(-1)!];
    let guess: Uint8Array | undefined;
    for (const { transaction } of samples) {
      const key = this.#suite.recover(transaction.signingHash, transaction.signature);
      if (key === undefined || (guess !== undefined && !equalBytes(key, guess))) return undefined;
      guess ??= key;
    }
    return guess;
  }
}
