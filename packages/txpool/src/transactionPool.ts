import { invariant } from '@menglian/base/invariant';
import { LruMap } from '@menglian/base/lruMap';
import { failure, success, type Result } from '@menglian/base/result';
import type { NonceKey } from '@menglian/types/nonceKey';
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
  /** A reserved proposal holds its nonce. */
  isReserved: boolean;
}

/**
 * Transactions that wait for a block, in order of arrival. Synchronous; time comes in as an argument. Rules and the
 * order of checks are those of 2.x (docs/transaction-pool.md).
 */
export class TransactionPool {
  readonly #options: PoolOptions;
  readonly #entries = new Map<string, Entry>();
  #sealable = 0;
  #reserved: readonly ReadonlySet<NonceKey>[] = [];
  /** Reserved nonces of which no transaction waits: it may still come. Mostly there are none. */
  #awaited = new Set<NonceKey>();
  readonly #nonces = new Map<NonceKey, string>();
  readonly #burntNonces = new LruMap<NonceKey, true>(BURNT_NONCES_MAX);
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

  /** @param id of the transaction: its hash as 64 hexadecimal characters */
  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Transactions that no reserved proposal holds. */
  get sealable(): number {
    return this.#sealable;
  }

  /** The checks that come before the signature, which is the costly one. */
  precheck(transaction: Transaction): Refusal | undefined {
    const early = this.#checkRoom(transaction);
    if (early !== undefined) return early;
    const word = this.#checkReplay(transaction, this.#head + 1);
    return word === undefined ? undefined : refusal(word);
  }

  /** Takes a transaction whose signature was checked. */
  admit(transaction: SignedTransaction, nowMs: number): Result<void, Refusal> {
    const early = this.precheck(transaction);
    return early === undefined ? this.admitPrechecked(transaction, nowMs) : failure(early);
  }

  /**
   * The same of one that has passed `precheck` since the last block. Others may have been admitted meanwhile, so what they
   * change is looked at again.
   */
  admitPrechecked(transaction: SignedTransaction, nowMs: number): Result<void, Refusal> {
    const early = this.#checkRoom(transaction);
    if (early !== undefined) return failure(early);
    const { id, nonceKey: nonce } = transaction;
    if (this.#nonces.has(nonce) || this.#burntNonces.get(nonce)) return failure(refusal('TxPoolNonceCheckFail'));
    const identity = this.#checkIdentity(transaction);
    if (identity !== undefined) {
      this.#burntNonces.set(nonce, true);
      return failure(refusal(identity));
    }
    const isReserved = this.#awaited.size > 0 && this.#awaited.delete(nonce);
    this.#entries.set(id, { transaction, arrivedAtMs: nowMs, isReserved });
    if (!isReserved) this.#sealable++;
    this.#nonces.set(nonce, id);
    this.#bytes += chargedBytes(transaction);
    return success(undefined);
  }

  #checkRoom({ id }: Transaction): Refusal | undefined {
    if (this.#bytes >= this.#options.bytesMax) return refusal('OverGroupMemoryLimit');
    if (this.#entries.size >= this.#options.transactionsMax) return refusal('TransactionPoolIsFull');
    if (this.#entries.has(id)) return refusal('TransactionAlreadyKown');
    return undefined;
  }

  /** @param id transaction hash, 64 hexadecimal characters */
  get(id: string): SignedTransaction | undefined {
    return this.#entries.get(id)?.transaction;
  }

  /**
   * Sets aside what the proposals hold that the next one to be sealed will follow, given by their nonces, one set for
   * each: `select` passes over it. Sets are compared by identity, so that each costs something once only; what was set
   * aside for a proposal that is not among them any more can be selected again.
   */
  reserve(proposals: readonly ReadonlySet<NonceKey>[]): void {
    const before = this.#reserved;
    this.#reserved = proposals;
    const left = before.filter((nonces) => !proposals.includes(nonces));
    // A proposal was given up, not stored.
    const isAnew = left.some((nonces) => this.#holdsAny(nonces));
    if (isAnew) this.#releaseAll();
    else if (left.length > 0) this.#awaitReservedOnly();
    for (const nonces of proposals) {
      if (isAnew || !before.includes(nonces)) for (const nonce of nonces) this.#reserveNonce(nonce);
    }
  }

  #awaitReservedOnly(): void {
    for (const nonce of this.#awaited) if (!this.#isReserved(nonce)) this.#awaited.delete(nonce);
  }

  #reserveNonce(nonce: NonceKey): void {
    const id = this.#nonces.get(nonce);
    if (id === undefined) {
      this.#awaited.add(nonce);
      return;
    }
    const entry = this.#entries.get(id)!;
    if (entry.isReserved) return;
    entry.isReserved = true;
    this.#sealable--;
  }

  #releaseAll(): void {
    for (const entry of this.#entries.values()) entry.isReserved = false;
    this.#sealable = this.#entries.size;
    this.#awaited.clear();
  }

  /**
   * The oldest transactions that block `height` may hold and that are not reserved, within limits of their number and
   * bytes (at least one, if there is any); those that expired are dropped on the way.
   */
  select(
    height: number,
    limits: { readonly count: number; readonly bytes: number },
    nowMs: number,
  ): SignedTransaction[] {
    const selected: SignedTransaction[] = [];
    let bytes = 0;
    for (const [id, entry] of this.#entries) {
      if (selected.length >= limits.count) break;
      if (entry.isReserved) continue;
      if (this.#isStale(entry, nowMs)) {
        this.#drop(id);
        continue;
      }
      // Kept all the same: a proposal below this height may yet be given up and leave its place.
      if (entry.transaction.blockLimit < height) continue;
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
   * @param ancestors nonces of each proposal between the head and this block: they count as if they were committed
   */
  checkForBlock(
    blockNumber: number,
    transactions: readonly Transaction[],
    ancestors: readonly ReadonlySet<NonceKey>[] = [],
  ): RefusalWord | undefined {
    invariant(
      blockNumber === this.#head + 1 + ancestors.length,
      'txpool/block-order',
      `block ${blockNumber} and ${ancestors.length} ancestors above head ${this.#head}`,
    );
    const seen = new Set<NonceKey>();
    for (const transaction of transactions) {
      const word = this.#checkReplay(transaction, blockNumber) ?? this.#checkIdentity(transaction);
      if (word !== undefined) return word;
      const nonce = transaction.nonceKey;
      if (seen.has(nonce) || ancestors.some((nonces) => nonces.has(nonce))) return 'TransactionNonceCheckFail';
      seen.add(nonce);
    }
    return undefined;
  }

  /** Removes what a committed block used up and moves the replay window to it. */
  onCommitted(blockNumber: number, transactions: readonly Pick<Transaction, 'id' | 'nonceKey'>[]): void {
    this.#head = blockNumber;
    this.#committedNonces.add(
      blockNumber,
      transactions.map((transaction) => transaction.nonceKey),
    );
    for (const { id, nonceKey } of transactions) {
      this.#remove(id);
      const sameNonce = this.#nonces.get(nonceKey);
      if (sameNonce !== undefined) this.#remove(sameNonce);
    }
  }

  /** Drops what waited too long or can no longer enter a block. @returns how many were dropped */
  dropStale(nowMs: number): number {
    let dropped = 0;
    for (const [id, entry] of this.#entries) {
      if (!this.#isStale(entry, nowMs)) continue;
      this.#drop(id);
      dropped++;
    }
    return dropped;
  }

  /** The rules of replay for a transaction in block `height`, which is above the head. */
  #checkReplay({ nonce, nonceKey, blockLimit }: Transaction, height: number): RefusalWord | undefined {
    if (nonce === FORBIDDEN_NONCE || this.#committedNonces.has(nonceKey, height)) return 'TransactionNonceCheckFail';
    if (blockLimit < height || blockLimit >= height + BLOCK_LIMIT_WINDOW) return 'BlockLimitCheckFailed';
    return undefined;
  }

  #checkIdentity({ chainId, groupId }: Transaction): RefusalWord | undefined {
    if (chainId !== this.#options.chainId) return 'InvalidChainId';
    if (groupId !== this.#options.groupId) return 'InvalidGroupId';
    return undefined;
  }

  #isStale({ transaction, arrivedAtMs }: Entry, nowMs: number): boolean {
    return nowMs - arrivedAtMs >= this.#options.expirationMs || transaction.blockLimit <= this.#head;
  }

  #isReserved(nonce: NonceKey): boolean {
    return this.#reserved.some((nonces) => nonces.has(nonce));
  }

  /** Whether a transaction with one of these nonces waits. */
  #holdsAny(nonces: ReadonlySet<NonceKey>): boolean {
    for (const nonce of nonces) if (this.#nonces.has(nonce)) return true;
    return false;
  }

  /** Removes what no block has used up: a proposal may wait for it again. */
  #drop(id: string): void {
    const entry = this.#remove(id);
    if (entry?.isReserved === true) this.#awaited.add(entry.transaction.nonceKey);
  }

  #remove(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    if (!entry.isReserved) this.#sealable--;
    this.#nonces.delete(entry.transaction.nonceKey);
    this.#bytes -= chargedBytes(entry.transaction);
    return entry;
  }
}

function chargedBytes(transaction: Transaction): number {
  return transaction.raw.length + TRANSACTION_OVERHEAD_BYTES;
}
