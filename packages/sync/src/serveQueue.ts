import type { NodeId } from '@menglian/types/address';
import {
  SERVED_BYTES_BURST,
  SERVED_BYTES_BURST_ALL,
  SERVED_BYTES_MIN,
  SERVED_BYTES_PER_SECOND,
  SERVED_BYTES_PER_SECOND_ALL,
  SERVE_QUEUE_MAX,
} from './limits.js';

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

interface Client<R> {
  readonly bucket: Bucket;
  readonly waiting: R[];
}

/**
 * Requests of peers that are served as a budget of bytes allows, each peer's own and one for all of them: who asks
 * without pause gets its share and no more, and consensus keeps the node. Peers that wait take turns.
 */
export class ServeQueue<R> {
  readonly #clients = new Map<NodeId, Client<R>>();
  readonly #all: Bucket = { tokens: SERVED_BYTES_BURST_ALL, filledAtMs: 0 };

  /** Requests that wait. */
  get size(): number {
    let size = 0;
    for (const { waiting } of this.#clients.values()) size += waiting.length;
    return size;
  }

  /** Takes a request in. @returns false when the peer has too many waiting: the request is dropped */
  offer(from: NodeId, request: R, nowMs: number): boolean {
    const client = this.#client(from, nowMs);
    if (client.waiting.length >= SERVE_QUEUE_MAX) return false;
    client.waiting.push(request);
    return true;
  }

  /** The next request that the budgets allow, to be served now and paid with `charge`. */
  next(nowMs: number): { readonly from: NodeId; readonly request: R } | undefined {
    if (fill(this.#all, nowMs, SERVED_BYTES_PER_SECOND_ALL, SERVED_BYTES_BURST_ALL) <= 0) return undefined;
    for (const [from, client] of this.#clients) {
      const tokens = fill(client.bucket, nowMs, SERVED_BYTES_PER_SECOND, SERVED_BYTES_BURST);
      if (tokens <= 0 || client.waiting.length === 0) continue;
      const request = client.waiting.shift()!;
      // To the end of the line.
      this.#clients.delete(from);
      this.#clients.set(from, client);
      return { from, request };
    }
    return undefined;
  }

  /** What the answer had in bytes. */
  charge(from: NodeId, bytes: number): void {
    const cost = Math.max(bytes, SERVED_BYTES_MIN);
    this.#all.tokens -= cost;
    const client = this.#clients.get(from);
    if (client !== undefined) client.bucket.tokens -= cost;
  }

  /** Forgets what waits. The budget stays: a new link must not be a new purse. */
  drop(peer: NodeId): void {
    this.#clients.get(peer)?.waiting.splice(0);
  }

  #client(from: NodeId, nowMs: number): Client<R> {
    const known = this.#clients.get(from);
    if (known !== undefined) return known;
    const client = { bucket: { tokens: SERVED_BYTES_BURST, filledAtMs: nowMs }, waiting: [] };
    this.#clients.set(from, client);
    return client;
  }
}

/** An answer may overdraw a bucket by its size; nothing more is served until it is filled again. */
function fill(bucket: Bucket, nowMs: number, perSecond: number, burst: number): number {
  const gained = ((nowMs - bucket.filledAtMs) * perSecond) / 1000;
  bucket.tokens = Math.min(burst, bucket.tokens + Math.max(gained, 0));
  bucket.filledAtMs = Math.max(bucket.filledAtMs, nowMs);
  return bucket.tokens;
}
