import { invariant } from '@menglian/base/invariant';
import { BLOCK_LIMIT_WINDOW } from './limits.js';

/**
 * Nonces of the last committed blocks. Together with the block limit this makes replay impossible: a transaction that
 * can still be valid at height h was at the earliest in block h - 1000 (docs/consensus.md, "Replay").
 */
export class NonceWindow {
  readonly #blocks = new Map<number, readonly bigint[]>();
  readonly #nonces = new Set<bigint>();
  #head: number;

  /** @param head number of the last committed block whose nonces come first */
  constructor(head: number) {
    this.#head = head;
  }

  get size(): number {
    return this.#nonces.size;
  }

  has(nonce: bigint): boolean {
    return this.#nonces.has(nonce);
  }

  /** Adds a block at or above the head, or, while loading at start, below it. */
  add(blockNumber: number, nonces: readonly bigint[]): void {
    invariant(!this.#blocks.has(blockNumber), 'txpool/nonce-block-once', `block ${blockNumber}`);
    this.#head = Math.max(this.#head, blockNumber);
    if (blockNumber <= this.#head - BLOCK_LIMIT_WINDOW) return;
    this.#blocks.set(blockNumber, nonces);
    for (const nonce of nonces) this.#nonces.add(nonce);
    const leaving = this.#blocks.get(this.#head - BLOCK_LIMIT_WINDOW);
    if (leaving === undefined) return;
    for (const nonce of leaving) this.#nonces.delete(nonce);
    this.#blocks.delete(this.#head - BLOCK_LIMIT_WINDOW);
  }
}
