import type { NodeId } from '@menglian/types/address';
import { TRANSACTIONS_PER_MESSAGE_MAX, TRANSACTIONS_WANTED_MAX, TRANSACTION_REQUEST_TIMEOUT_MS } from './limits.js';

/** Ask this peer for the transactions with these hashes (64 hexadecimal digits each). Answered by bodies, or never. */
export interface TransactionRequest {
  readonly to: NodeId;
  readonly ids: readonly string[];
}

interface Wanted {
  /** Who is likely to have it; asked in turn. */
  readonly sources: NodeId[];
  next: number;
  askedAtMs: number;
  attempts: number;
}

/** Each source is asked this often before a hash is given up. */
const ROUNDS_MAX = 10;

/** The wait doubles with each attempt up to this factor, so that slow peers are not asked into the ground. */
const BACKOFF_FACTOR_MAX = 4;

/**
 * Transactions whose hash is known and whose body is not: asks one likely holder after the other until it is there.
 * Pure: time comes in as an argument, requests come out as values (docs/sync.md).
 */
export class TransactionFetch {
  readonly #wanted = new Map<string, Wanted>();

  get size(): number {
    return this.#wanted.size;
  }

  /**
   * Starts fetching what is not being fetched already and adds sources to what is.
   * @param sources likely holders, the likeliest first
   */
  want(ids: Iterable<string>, sources: readonly NodeId[], nowMs: number): TransactionRequest[] {
    if (sources.length === 0) return [];
    const fresh: string[] = [];
    for (const id of ids) {
      const known = this.#wanted.get(id);
      if (known !== undefined) {
        for (const source of sources) if (!known.sources.includes(source)) known.sources.push(source);
      } else if (this.#wanted.size < TRANSACTIONS_WANTED_MAX) {
        this.#wanted.set(id, { sources: [...sources], next: 1, askedAtMs: nowMs, attempts: 1 });
        fresh.push(id);
      }
    }
    return requests(new Map([[sources[0]!, fresh]]));
  }

  /** The body is there, or is no longer needed. */
  settle(id: string): void {
    this.#wanted.delete(id);
  }

  /** A peer went away: it is not asked again. */
  dropSource(nodeId: NodeId): void {
    for (const [id, wanted] of this.#wanted) {
      const index = wanted.sources.indexOf(nodeId);
      if (index < 0) continue;
      wanted.sources.splice(index, 1);
      wanted.askedAtMs = Number.NEGATIVE_INFINITY;
      if (wanted.sources.length === 0) this.#wanted.delete(id);
    }
  }

  /** Asks the next source wherever an answer is late, and gives up what nobody has. */
  tick(nowMs: number): TransactionRequest[] {
    const bySource = new Map<NodeId, string[]>();
    for (const [id, wanted] of this.#wanted) {
      const factor = Math.min(2 ** (wanted.attempts - 1), BACKOFF_FACTOR_MAX);
      if (nowMs - wanted.askedAtMs < TRANSACTION_REQUEST_TIMEOUT_MS * factor) continue;
      if (wanted.attempts >= ROUNDS_MAX * wanted.sources.length) {
        this.#wanted.delete(id);
        continue;
      }
      const source = wanted.sources[wanted.next % wanted.sources.length]!;
      wanted.next++;
      wanted.attempts++;
      wanted.askedAtMs = nowMs;
      const ids = bySource.get(source);
      if (ids === undefined) bySource.set(source, [id]);
      else ids.push(id);
    }
    return requests(bySource);
  }
}

function requests(bySource: ReadonlyMap<NodeId, readonly string[]>): TransactionRequest[] {
  const list: TransactionRequest[] = [];
  for (const [to, ids] of bySource) {
    for (let start = 0; start < ids.length; start += TRANSACTIONS_PER_MESSAGE_MAX) {
      list.push({ to, ids: ids.slice(start, start + TRANSACTIONS_PER_MESSAGE_MAX) });
    }
  }
  return list;
}
