import { toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { LruMap } from '@menglian/base/lruMap';
import { failure, success, type Result } from '@menglian/base/result';
import type { SignedTransaction, Transaction } from '@menglian/types/transaction';
import { BLOCK_LIMIT_WINDOW, BURNT_NONCES_MAX, FORBIDDEN_NONCE, TRANSACTION_OVERHEAD_BYTES } from './limits.js';
import { NonceWindow } from './nonceWindow.js';
import { refusal, type Refusal, type RefusalWord } from './refusal.js';

export interface PoolOptions {
  readonly chainId: bigint;
  readonly groupId: bigint;
  /** [tx_pool] limit */
  readonly transactionsMax: number;
  /** [tx_pool] memory_limit, in bytes */
  readonly bytesMax: number;
  /** [tx_pool] txs_expiration_time, in ms */
  readonly expirationMs: number;
}

interface Entry {
  readonly transaction: SignedTransaction;
  readonly arrivedAtMs: number;
}

/**
 * Transactions that wait for a block, in order of arrival. Synchronous; time comes in as an argument. Rules and the
 * order of checks are those of 2.x (docs/transaction-pool.md).
 */
export class TransactionPool {
  readonly #options: PoolOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #nonces = new Map<bigint, string>();
  readonly #burntNonces = new LruMap<bigint, true>(BURNT_NONCES_MAX);
  readonly #committedNonces: NonceWindow;
  #head: number;
  #bytes = 0;

  /**
   * @param head number of the last committed block
   * @param committedNonces nonces of the last 1000 blocks up to it; the pool keeps it current from here on
   */
  constructor(options: PoolOptions, head: number, committedNonces: NonceWindow) {
    this.#options = options;
    this.#head = head;
    this.#committedNonces = committedNonces;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The checks that come before the signature, which is the costly one. */
  precheck(transaction: Transaction): Refusal | undefined {
    if (this.#bytes >= this.#options.bytesMax) return refusal('OverGroupMemoryLimit');
    if (this.#entries.size >= this.#options.transactionsMax) return refusal('TransactionPoolIsFull');
    if (this.#entries.has(toHex(transaction.hash))) return refusal('TransactionAlreadyKown');
    const word = this.#checkReplay(transaction);
    return word === undefined ? undefined : refusal(word);
  }

  /**
   * Takes a transaction whose signature was checked. All checks run again, since the pool may have changed while the
   * signature was being checked.
   */
  admit(transaction: SignedTransaction, nowMs: number): Result<void, Refusal> {
    const early = this.precheck(transaction);
    if (early !== undefined) return failure(early);
    const { nonce } = transaction;
    if (this.#nonces.has(nonce) || this.#burntNonces.get(nonce)) return failure(refusal('TxPoolNonceCheckFail'));
    const identity = this.#checkIdentity(transaction);
    if (identity !== undefined) {
      this.#burntNonces.set(nonce, true);
      return failure(refusal(identity));
    }
    const id = toHex(transaction.hash);
    this.#entries.set(id, { transaction, arrivedAtMs: nowMs });
    this.#nonces.set(nonce, id);
    this.#bytes += chargedBytes(transaction);
    return success(undefined);
  }

  /** @param id transaction hash, 64 hexadecimal characters */
  get(id: string): SignedTransaction | undefined {
    return this.#entries.get(id)?.transaction;
  }

  /**
   * The oldest transactions that the next block may hold, within limits of their number and bytes (at least one, if
   * there is any); those that expired are dropped on the way.
   */
  select(limits: { readonly count: number; readonly bytes: number }, nowMs: number): SignedTransaction[] {
    const selected: SignedTransaction[] = [];
    let bytes = 0;
    for (const [id, entry] of this.#entries) {
      if (selected.length >= limits.count) break;
      if (this.#isStale(entry, nowMs)) {
        this.#remove(id);
        continue;
      }
      bytes += entry.transaction.raw.length;
      if (bytes > limits.bytes && selected.length > 0) break;
      selected.push(entry.transaction);
    }
    return selected;
  }

  /** Transactions that have waited for at least `ageMs`, the oldest first: what to announce to peers again. */
  waiting(ageMs: number, countMax: number, nowMs: number): SignedTransaction[] {
    const found: SignedTransaction[] = [];
    for (const { transaction, arrivedAtMs } of this.#entries.values()) {
      if (found.length >= countMax || nowMs - arrivedAtMs < ageMs) break;
      found.push(transaction);
    }
    return found;
  }

  /** All waiting transactions, in order of arrival. */
  *pending(): Generator<SignedTransaction> {
    for (const { transaction } of this.#entries.values()) yield transaction;
  }

  /**
   * The rules a block's transactions must meet, repeated for every proposal and every synchronised block, because a
   * faulty leader does not pass through the pool (docs/consensus.md, safety rule 10). Signatures are checked before.
   */
  checkForBlock(blockNumber: number, transactions: readonly Transaction[]): RefusalWord | undefined {
    invariant(blockNumber === this.#head + 1, 'txpool/block-order', `block ${blockNumber} above head ${this.#head}`);
    const seen = new Set<bigint>();
    for (const transaction of transactions) {
      const word = this.#checkReplay(transaction) ?? this.#checkIdentity(transaction);
      if (word !== undefined) return word;
      if (seen.has(transaction.nonce)) return 'TransactionNonceCheckFail';
      seen.add(transaction.nonce);
    }
    return undefined;
  }

  /** Removes what a committed block used up and moves the replay window to it. */
  onCommitted(
    blockNumber: number,
    transactions: readonly { readonly hash: Uint8Array; readonly nonce: bigint }[],
  ): void {
    this.#head = blockNumber;
    this.#committedNonces.add(
      blockNumber,
      transactions.map((transaction) => transaction.nonce),
    );
    for (const { hash, nonce } of transactions) {
      this.#remove(toHex(hash));
      const sameNonce = this.#nonces.get(nonce);
      if (sameNonce !== undefined) this.#remove(sameNonce);
    }
  }

  /** Drops what waited too long or can no longer enter a block. @returns how many were dropped */
  dropStale(nowMs: number): number {
    let dropped = 0;
    for (const [id, entry] of this.#entries) {
      if (!this.#isStale(entry, nowMs)) continue;
      this.#remove(id);
      dropped++;
    }
    return dropped;
  }

  #checkReplay({ nonce, blockLimit }: Transaction): RefusalWord | undefined {
    if (nonce === FORBIDDEN_NONCE || this.#committedNonces.has(nonce)) return 'TransactionNonceCheckFail';
    const head = BigInt(this.#head);
    if (blockLimit <= head || blockLimit > head + BigInt(BLOCK_LIMIT_WINDOW)) return 'BlockLimitCheckFailed';
    return undefined;
  }

  #checkIdentity({ chainId, groupId }: Transaction): RefusalWord | undefined {
    if (chainId !== this.#options.chainId) return 'InvalidChainId';
    if (groupId !== this.#options.groupId) return 'InvalidGroupId';
    return undefined;
  }

  #isStale({ transaction, arrivedAtMs }: Entry, nowMs: number): boolean {
    return nowMs - arrivedAtMs >= this.#options.expirationMs || transaction.blockLimit <= BigInt(this.#head);
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#nonces.delete(entry.transaction.nonce);
    this.#bytes -= chargedBytes(entry.transaction);
  }
}

function chargedBytes(transaction: Transaction): number {
  return transaction.raw.length + TRANSACTION_OVERHEAD_BYTES;
}
