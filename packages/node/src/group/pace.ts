/**
 * Fewer at a time save nothing: what is checked together is cheaper by the number, and a pause of the machine must not
 * make a queue work piece by piece.
 */
const COUNT_MIN = 16;

/** How many items of some work fit a slice of time, by how long those before them took. */
export class Pace {
  readonly #sliceMs: number;
  readonly #countMax: number;
  #count = COUNT_MIN;

  /** @param countMax at least 16 */
  constructor({ sliceMs, countMax }: { readonly sliceMs: number; readonly countMax: number }) {
    this.#sliceMs = sliceMs;
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#count;
  }

  /** So many items took so long. One turn says little: the count at most doubles, and at most halves. */
  took(items: number, ms: number): void {
    // What took less than could be done tells nothing of where the limit is.
    if (items < this.#count && ms < this.#sliceMs) return;
    const fitting = ms > 0 ? Math.floor((items * this.#sliceMs) / ms) : this.#countMax;
    const near = Math.min(2 * this.#count, Math.max(this.#count >> 1, fitting));
    this.#count = Math.max(COUNT_MIN, Math.min(this.#countMax, near));
  }
}
