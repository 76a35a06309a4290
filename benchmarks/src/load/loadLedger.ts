import type { PreparedLoad } from './preparedLoad.js';

/** What became of a transaction. */
const WAITING = 0;
const COMMITTED = 1;
const REFUSED = 2;

/** What became of every transaction of a load: when it was sent, whether it was refused, when it was seen in a block. */
export class LoadLedger {
  readonly #load: PreparedLoad;
  /** by transaction */
  readonly #sentAtMs: Float64Array;
  readonly #fates: Uint8Array;
  readonly #latenciesMs: Float64Array;
  #sent = 0;
  #committed = 0;
  #refused = 0;
  readonly #reasons = new Map<string, number>();

  constructor(load: PreparedLoad) {
    this.#load = load;
    this.#sentAtMs = new Float64Array(load.indexes.size);
    this.#fates = new Uint8Array(load.indexes.size);
    this.#latenciesMs = new Float64Array(load.indexes.size);
  }

  get total(): number {
    return this.#fates.length;
  }

  get committed(): number {
    return this.#committed;
  }

  get refused(): number {
    return this.#refused;
  }

  /** How many were refused with each reason. */
  get reasons(): ReadonlyMap<string, number> {
    return this.#reasons;
  }

  /** Sent, not refused and not yet seen in a block. */
  get uncommitted(): number {
    return this.#sent - this.#committed - this.#refused;
  }

  onSent(first: number, count: number, atMs: number): void {
    this.#sentAtMs.fill(atMs, first, first + count);
    this.#sent += count;
  }

  onRefused(index: number, reason: string): void {
    if (this.#fates[index] !== WAITING) return;
    this.#fates[index] = REFUSED;
    this.#refused++;
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }

  /** @param hashes of one block, `0x…`. @returns how many of this load were new in it */
  onBlock(hashes: readonly string[], seenAtMs: number): number {
    let found = 0;
    for (const hash of hashes) {
      const index = this.#load.indexes.get(hash);
      if (index === undefined || this.#fates[index] !== WAITING) continue;
      this.#fates[index] = COMMITTED;
      this.#latenciesMs[this.#committed++] = seenAtMs - this.#sentAtMs[index]!;
      found++;
    }
    return found;
  }

  /** Of each committed transaction, from its send to its block seen, ascending. */
  latenciesMs(): Float64Array {
    return this.#latenciesMs.slice(0, this.#committed).sort();
  }
}
