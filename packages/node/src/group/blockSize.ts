/** Time that executing one block should take at most: votes and clients wait meanwhile. */
const EXECUTION_TARGET_MS = 1000;

/** How much of the older measurements is kept with each new one. */
const DECAY = 0.8;

/** How fast the bound rises again, a block of ours at a time. */
const GROWTH = 1.25;

/**
 * How many transactions this node puts into a block of its own: fewer after its block led to a view change, and no more
 * than it executes in a second. Local: other nodes accept any block within the settings of the chain.
 */
export class BlockSize {
  #bound = Number.POSITIVE_INFINITY;
  #executedMs = 0;
  #executedCount = 0;

  /** Transactions that a block may hold now, at least 1. */
  limit(settingMax: number): number {
    const quickEnough = (EXECUTION_TARGET_MS * this.#executedCount) / this.#executedMs;
    const executable = Number.isNaN(quickEnough) ? settingMax : quickEnough;
    return Math.max(1, Math.floor(Math.min(settingMax, this.#bound, executable)));
  }

  onExecuted(transactions: number, tookMs: number): void {
    this.#executedMs = this.#executedMs * DECAY + tookMs;
    this.#executedCount = this.#executedCount * DECAY + transactions;
  }

  /** A block of ours of so many transactions was stored. */
  onStored(transactions: number): void {
    // A block below the bound says nothing about a larger one.
    if (transactions >= this.#bound) this.#bound = Math.ceil(transactions * GROWTH);
  }

  /** The view changed while a block of ours of so many transactions was next to be decided. */
  onGivenUp(transactions: number): void {
    this.#bound = Math.max(1, Math.floor(Math.min(transactions, this.#bound) / 2));
  }
}
