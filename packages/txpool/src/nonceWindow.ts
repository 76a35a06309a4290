import { invariant } from '@menglian/base/invariant';
import { BLOCK_LIMIT_WINDOW } from './limits.js';
import type { NonceKey } from '@menglian/types/nonceKey';

/**
 * Nonces of the last committed blocks. Together with the block limit this makes replay impossible: a transaction that
 * can still be valid at height h was at the earliest in block h - 1000 (docs/consensus.md, "Replay").
 */
export class NonceWindow {
  readonly #blocks = new Map<number, readonly NonceKey[]>();
  /** The block that used each nonce. */
  readonly #usedIn = new Map<NonceKey, number>();
  #head: number;

  /** @param head number of the last committed block whose nonces come first */
  constructor(head: number) {
    this.#head = head;
  }

  get size(): number {
    return this.#usedIn.size;
  }

  /** Whether one of the 1000 blocks below `height`, which is above the head, used this nonce. */
  has(nonce: NonceKey, height: number): boolean {
    const block = this.#usedIn.get(nonce);
    return block !== undefined && block >= height - BLOCK_LIMIT_WINDOW;
  }

  /** Adds a block at or above the head, or, while loading at start, below it. */
  add(blockNumber: number, keys: readonly NonceKey[]): void {
    invariant(!this.#blocks.has(blockNumber), 'txpool/nonce-block-once', `block ${blockNumber}`);
    this.#head = Math.max(this.#head, blockNumber);
    if (blockNumber <= this.#head - BLOCK_LIMIT_WINDOW) return;
    this.#blocks.set(blockNumber, keys);
    for (const key of keys) this.#usedIn.set(key, blockNumber);
    const leavingNumber = this.#head - BLOCK_LIMIT_WINDOW;
    for (const key of this.#blocks.get(leavingNumber) ?? []) {
      if (this.#usedIn.get(key) === leavingNumber) this.#usedIn.delete(key);
    }
    this.#blocks.delete(leavingNumber);
  }
}
