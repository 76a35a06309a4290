import type { Address, NodeId } from '@menglian/types/address';

/** Bodies from peers that wait to be checked, and their bytes; beyond it the oldest go, to be announced and asked for again. */
const INBOX_MAX = 50_000;
const INBOX_BYTES_MAX = 32 * 1024 * 1024;

/** A transaction as a peer sent it, not looked at yet. */
export interface Arrival {
  /** hash of the bytes as 64 hexadecimal characters */
  readonly id: string;
  readonly hash: Uint8Array;
  readonly raw: Uint8Array;
  /** who the peer says sent it */
  readonly likelySender: Address | undefined;
  /** and with which parity its signature can be checked among many */
  readonly likelyParity: 0 | 1 | undefined;
  /** the peer */
  readonly from: NodeId;
}

/** Transactions that came and are not looked at yet, by the hash of their bytes: what two peers send waits once. */
export class Inbox {
  readonly #arrivals = new Map<string, Arrival>();
  #bytes = 0;

  get size(): number {
    return this.#arrivals.size;
  }

  has(id: string): boolean {
    return this.#arrivals.has(id);
  }

  add(arrival: Arrival): void {
    if (this.#arrivals.has(arrival.id)) return;
    this.#arrivals.set(arrival.id, arrival);
    this.#bytes += arrival.raw.length;
    if (!this.#isOverfull()) return;
    for (const oldest of this.#arrivals.keys()) {
      if (!this.#isOverfull()) break;
      this.take(oldest);
    }
  }

  take(id: string): Arrival | undefined {
    const arrival = this.#arrivals.get(id);
    if (arrival === undefined) return undefined;
    this.#arrivals.delete(id);
    this.#bytes -= arrival.raw.length;
    return arrival;
  }

  /** Takes out at most `count` of those that have waited longest. */
  takeOldest(count: number): Arrival[] {
    const taken: Arrival[] = [];
    for (const [id, arrival] of this.#arrivals) {
      if (taken.length >= count) break;
      taken.push(arrival);
      this.#arrivals.delete(id);
      this.#bytes -= arrival.raw.length;
    }
    return taken;
  }

  #isOverfull(): boolean {
    return this.#arrivals.size > INBOX_MAX || this.#bytes > INBOX_BYTES_MAX;
  }
}
