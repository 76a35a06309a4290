import { MAX_PROPOSAL_TRANSACTIONS } from '@menglian/consensus-core/limits';
import type { Effect } from '@menglian/consensus-core/ports';
import type { TransactionPool } from '@menglian/txpool/transactionPool';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { Cancel, Clock, Timers } from './clock.js';
import { BLOCK_TRANSACTION_BYTES_MAX } from './limits.js';

export type SealEffect = Extract<Effect, { kind: 'seal' }>;

export interface SealedBatch {
  readonly request: SealEffect;
  readonly timestampMs: number;
  readonly transactions: readonly SignedTransaction[];
}

/**
 * Chooses when a leader proposes and what: at once when a block is full or the chain was idle, else when
 * `min_block_generation_time` has passed since the last block. Never an empty block.
 */
export class Sealer {
  readonly #minBlockTimeMs: number;
  readonly #pool: TransactionPool;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #onSealed: (batch: SealedBatch) => void;
  #request: SealEffect | undefined;
  #cancelTimer: Cancel | undefined;
  #cancelSoon: Cancel | undefined;
  #lastBlockAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    options: { readonly minBlockTimeMs: number },
    components: {
      readonly pool: TransactionPool;
      readonly clock: Clock;
      readonly timers: Timers;
      readonly onSealed: (batch: SealedBatch) => void;
    },
  ) {
    this.#minBlockTimeMs = options.minBlockTimeMs;
    this.#pool = components.pool;
    this.#clock = components.clock;
    this.#timers = components.timers;
    this.#onSealed = components.onSealed;
  }

  /** The engine asks for a batch. */
  request(effect: SealEffect): void {
    this.#request = effect;
    this.attempt();
  }

  /** The request no longer holds. */
  cancel(): void {
    this.#request = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#cancelSoon?.();
    this.#cancelSoon = undefined;
  }

  onBlockStored(): void {
    this.#lastBlockAtMs = this.#clock.monotonicMs();
    this.cancel();
  }

  /**
   * Seals if there is a request and it is time, once the work at hand is done: transactions that came in one batch go
   * into one block. Call when transactions have come.
   */
  attempt(): void {
    if (this.#request === undefined || this.#pool.size === 0) return;
    this.#cancelSoon ??= this.#timers.soon(() => {
      this.#cancelSoon = undefined;
      this.#seal();
    });
  }

  #seal(): void {
    const request = this.#request;
    if (request === undefined || this.#pool.size === 0) return;
    const countMax = Math.min(request.maxTransactions, MAX_PROPOSAL_TRANSACTIONS);
    const waitMs = this.#lastBlockAtMs + this.#minBlockTimeMs - this.#clock.monotonicMs();
    if (waitMs > 0 && this.#pool.size < countMax) {
      this.#cancelTimer ??= this.#timers.setTimer(() => {
        this.#cancelTimer = undefined;
        this.#seal();
      }, waitMs);
      return;
    }
    const limits = { count: countMax, bytes: BLOCK_TRANSACTION_BYTES_MAX };
    const transactions = this.#pool.select(limits, this.#clock.monotonicMs());
    if (transactions.length === 0) return;
    this.cancel();
    const timestampMs = Math.max(request.parentTimestampMs + 1, this.#clock.wallMs());
    this.#onSealed({ request, timestampMs, transactions });
  }
}
