import { invariant } from '@menglian/base/invariant';
import type { NonceKey } from '@menglian/types/nonceKey';
import { BLOCK_LIMIT_WINDOW } from './limits.js';
import { NonceTable } from './nonceTable.js';

/**
 * Nonces of the last committed blocks. Together with the block limit this makes replay impossible: a transaction that
 * can still be valid at height h was at the earliest in block h - 1000 (docs/consensus.md, "Replay").
 */
export class NonceWindow {
  readonly #table = new NonceTable();
  #head: number;

  /** @param head number of the last committed block whose nonces come first */
  constructor(head: number) {
    this.#head = head;
  }

  get size(): number {
    return this.#table.size;
  }

  /** Whether one of the 1000 blocks below `height`, which is above the head, used this nonce. */
  has(nonce: NonceKey, height: number): boolean {
    return this.#table.hasSince(nonce, height - BLOCK_LIMIT_WINDOW);
  }

  /** Adds a block at or above the head, or, while loading at start, below it. */
  add(blockNumber: number, keys: readonly NonceKey[]): void {
    invariant(!this.#table.hasBlock(blockNumber), 'txpool/nonce-block-once', `block ${blockNumber}`);
    this.#head = Math.max(this.#head, blockNumber);
    if (blockNumber <= this.#head - BLOCK_LIMIT_WINDOW) return;
    this.#table.addBlock(blockNumber, keys);
    this.#table.removeBlock(this.#head - BLOCK_LIMIT_WINDOW);
  }
}
