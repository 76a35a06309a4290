import type { AddOutcome } from '@menglian/precompiled/ports';

const UINT256_MAX = 2n ** 256n - 1n;

/**
 * What a transaction found out about a number by adding to it: from which numbers on, and up to which, it would have found the
 * same. A transaction that only asks whether amounts fit need not know how much there is, so payments to one account do not
 * wait for one another: whatever others did in between, its own sum can be added later if the number is in this range then.
 */
export class SumRange {
  /** The number before the transaction. */
  readonly base: bigint;
  #low = 0n;
  #high = UINT256_MAX;
  #comparisons = 0;

  constructor(base: bigint) {
    this.base = base;
  }

  get low(): bigint {
    return this.#low;
  }

  get high(): bigint {
    return this.#high;
  }

  /** How often it was compared. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /** @param sum of the number then and an amount, with what became of it */
  compare(sum: bigint, outcome: AddOutcome): void {
    this.#comparisons += 1;
    const shift = sum - this.base;
    if (outcome === 'negative') this.#lower(-shift - 1n);
    else if (outcome === 'overflow') this.#raise(UINT256_MAX + 1n - shift);
    else {
      this.#raise(-shift);
      this.#lower(UINT256_MAX - shift);
    }
  }

  #raise(low: bigint): void {
    if (low > this.#low) this.#low = low;
  }

  #lower(high: bigint): void {
    if (high < this.#high) this.#high = high;
  }
}
