/**
 * The codes used last, as many as fit into a number of bytes. What it holds depends on the latest uses alone, not on how
 * long it lives: everything that one filled since the start of a transaction holds, an older one of the same size holds too.
 */
export class RecentCodes<T> {
  readonly #capacityBytes: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, { readonly value: T; readonly bytes: number }>();
  #bytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  get(name: string): T | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry.value;
  }

  /** Without counting as a use. */
  peek(name: string): T | undefined {
    return this.#entries.get(name)?.value;
  }

  /** @param name not in here yet. @param bytes at most the capacity */
  add(name: string, value: T, bytes: number): void {
    this.#entries.set(name, { value, bytes });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#capacityBytes) return;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}
