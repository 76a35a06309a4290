/** Bodies from peers that wait to be checked, and their bytes; beyond it the oldest go, to be announced and asked for again. */
const INBOX_MAX = 50_000;
const INBOX_BYTES_MAX = 32 * 1024 * 1024;

/** Transactions that came and are not looked at yet, by the hash of their bytes: what two peers send waits once. */
export class Inbox {
  readonly #bodies = new Map<string, Uint8Array>();
  #bytes = 0;

  get size(): number {
    return this.#bodies.size;
  }

  has(id: string): boolean {
    return this.#bodies.has(id);
  }

  add(id: string, raw: Uint8Array): void {
    if (this.#bodies.has(id)) return;
    this.#bodies.set(id, raw);
    this.#bytes += raw.length;
    for (const oldest of this.#bodies.keys()) {
      if (this.#bodies.size <= INBOX_MAX && this.#bytes <= INBOX_BYTES_MAX) break;
      this.take(oldest);
    }
  }

  take(id: string): Uint8Array | undefined {
    const raw = this.#bodies.get(id);
    if (raw === undefined) return undefined;
    this.#bodies.delete(id);
    this.#bytes -= raw.length;
    return raw;
  }

  /** Takes out the one that has waited longest. */
  takeOldest(): Uint8Array | undefined {
    const [oldest] = this.#bodies.keys();
    return oldest === undefined ? undefined : this.take(oldest);
  }
}
