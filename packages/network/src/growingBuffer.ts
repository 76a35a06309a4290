/**
 * Joins parts by copying. A list of the parts would keep each part's own buffer and some hundred bytes of objects for it:
 * a peer that sends a long frame byte by byte would cost a hundred times what it sends.
 */
export class GrowingBuffer {
  #bytes: Uint8Array;
  #length = 0;

  constructor(initialCapacity = 256) {
    this.#bytes = new Uint8Array(initialCapacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was appended so far, as a view that the next `append` may make stale. */
  get view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  append(part: Uint8Array): void {
    const needed = this.#length + part.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      grown.set(this.view);
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.#length);
    this.#length = needed;
  }
}
