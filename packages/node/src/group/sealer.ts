import { MAX_PROPOSAL_TRANSACTIONS } from '@menglian/consensus-core/limits';
import type { Effect } from '@menglian/consensus-core/ports';
import type { TransactionPool } from '@menglian/txpool/transactionPool';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { BlockSize } from './blockSize.js';
import type { Cancel, Clock, Timers } from './clock.js';
import type { DiskLimit } from './diskQuota.js';
import type { InFlight } from './inFlight.js';
import { BLOCK_TRANSACTION_BYTES_MAX } from './limits.js';

export type SealEffect = Extract<Effect, { kind: 'seal' }>;

export interface SealedBatch {
  readonly request: SealEffect;
  readonly timestampMs: number;
  readonly transactions: readonly SignedTransaction[];
}

/**
 * A block of so many transactions is worth making while others are in flight, although it is not full: what it costs
 * beside its transactions is a few percent of them.
 */
const GOOD_FILL = 1000;

/**
 * Chooses when a leader proposes and what. A full block goes at once. Any other waits until `min_block_generation_time`
 * has passed since the last proposal and, unless it is well filled, until nothing is in flight: nodes that have enough to
 * do would otherwise make ever smaller blocks. Never an empty block, and none while the disk has no room.
 */
export class Sealer {
  readonly #minBlockTimeMs: number;
  readonly #pool: TransactionPool;
  readonly #inFlight: InFlight;
  readonly #size: BlockSize;
  readonly #disk: DiskLimit;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #onSealed: (batch: SealedBatch) => void;
  #request: SealEffect | undefined;
  #cancelTimer: Cancel | undefined;
  #cancelSoon: Cancel | undefined;
  #lastProposalAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    options: { readonly minBlockTimeMs: number },
    components: {
      readonly pool: TransactionPool;
      readonly inFlight: InFlight;
      readonly size: BlockSize;
      readonly disk: DiskLimit;
      readonly clock: Clock;
      readonly timers: Timers;
      readonly onSealed: (batch: SealedBatch) => void;
    },
  ) {
    this.#minBlockTimeMs = options.minBlockTimeMs;
    this.#pool = components.pool;
    this.#inFlight = components.inFlight;
    this.#size = components.size;
    this.#disk = components.disk;
    this.#clock = components.clock;
    this.#timers = components.timers;
    this.#onSealed = components.onSealed;
  }

  /** The engine asks for a batch. */
  request(effect: SealEffect): void {
    this.cancel();
    this.#request = effect;
    this.attempt();
  }

  /** What was sealed could not be used yet: the request stands, and is tried again when a block is stored or transactions come. */
  keep(request: SealEffect): void {
    this.#request ??= request;
  }

  /** The request no longer holds. */
  cancel(): void {
    this.#request = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#cancelSoon?.();
    this.#cancelSoon = undefined;
  }

  /** A proposal was made, here or elsewhere. */
  onProposal(): void {
    this.#lastProposalAtMs = this.#clock.monotonicMs();
  }

  /** The block of `height` is stored. */
  onBlockStored(height: number): void {
    if (this.#request !== undefined && this.#request.height <= height) this.cancel();
    this.attempt();
  }

  /**
   * Seals if there is a request and it is time, once the work at hand is done: transactions that came in one batch go
   * into one block. Call when transactions have come.
   */
  attempt(): void {
    if (this.#request === undefined || this.#pool.size === 0 || this.#disk.refusal !== undefined) return;
    this.#cancelSoon ??= this.#timers.soon(() => {
      this.#cancelSoon = undefined;
      this.#seal();
    });
  }

  #seal(): void {
    const request = this.#request;
    if (request === undefined) return;
    const { height, parentDigest } = request;
    const ancestors = this.#inFlight.ancestors(height, parentDigest);
    // Its parent was left behind: the engine asks anew.
    if (ancestors === undefined) return;
    this.#pool.reserve(ancestors.map(({ nonces }) => nonces));
    const count = this.#size.limit(Math.min(request.maxTransactions, MAX_PROPOSAL_TRANSACTIONS));
    if (this.#pool.sealable < count && !this.#isTime(ancestors.length > 0)) return;
    const limits = { count, bytes: BLOCK_TRANSACTION_BYTES_MAX };
    const transactions = this.#pool.select(height, limits, this.#clock.monotonicMs());
    if (transactions.length === 0) return;
    this.cancel();
    const timestampMs = Math.max(request.parentTimestampMs + 1, this.#clock.wallMs());
    this.#onSealed({ request, timestampMs, transactions });
  }

  /** Whether a block that is not full may be made; if not, it comes back when it may. */
  #isTime(isInFlight: boolean): boolean {
    // A block that is stored calls `attempt`, and so do transactions that come.
    if (isInFlight && this.#pool.sealable < GOOD_FILL) return false;
    const waitMs = this.#lastProposalAtMs + this.#minBlockTimeMs - this.#clock.monotonicMs();
    if (waitMs <= 0) return true;
    this.#cancelTimer ??= this.#timers.setTimer(() => {
      this.#cancelTimer = undefined;
      this.#seal();
    }, waitMs);
    return false;
  }
}
