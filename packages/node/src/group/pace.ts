/** How many items of some work fit a slice of time, by how long those before them took. */
export class Pace {
  readonly #sliceMs: number;
  readonly #countMax: number;
  #count: number;

  constructor({ sliceMs, countMax }: { readonly sliceMs: number; readonly countMax: number }) {
    this.#sliceMs = sliceMs;
    this.#countMax = countMax;
    this.#count = Math.min(COUNT_FIRST, countMax);
  }

  get count(): number {
    return this.#count;
  }

  /** So many items took so long. One quick turn says little: the count at most doubles, while it may fall to 1. */
  took(items: number, ms: number): void {
    // What took less than could be done tells nothing of where the limit is.
    if (items < this.#count && ms < this.#sliceMs) return;
    const fitting = ms > 0 ? (items * this.#sliceMs) / ms : this.#countMax;
    this.#count = Math.max(1, Math.min(this.#countMax, 2 * this.#count, Math.floor(fitting)));
  }
}

const COUNT_FIRST = 16;
