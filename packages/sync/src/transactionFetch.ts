import type { NodeId } from '@menglian/types/address';
import {
  TRANSACTIONS_PER_MESSAGE_MAX,
  TRANSACTIONS_WANTED_MAX,
  TRANSACTION_GRACE_MS,
  TRANSACTION_REQUEST_TIMEOUT_MS,
} from './limits.js';

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
   * Notes what is wanted and who may have it. The next `tick` asks, after a grace in which it may come by itself.
   * @param sources likely holders, the likeliest first
   */
  want(ids: Iterable<string>, sources: readonly NodeId[], nowMs: number): void {
    if (sources.length === 0) return;
    for (const id of ids) {
      const known = this.#wanted.get(id);
      if (known !== undefined) {
        for (const source of sources) if (!known.sources.includes(source)) known.sources.push(source);
      } else if (this.#wanted.size < TRANSACTIONS_WANTED_MAX) {
        this.#wanted.set(id, { sources: [...sources], next: 0, askedAtMs: nowMs, attempts: 0 });
      }
    }
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

  /** Asks the first source for what is new and the next one where an answer is late, and gives up what nobody has. */
  tick(nowMs: number): TransactionRequest[] {
    const bySource = new Map<NodeId, string[]>();
    for (const [id, wanted] of this.#wanted) {
      if (nowMs - wanted.askedAtMs < patienceMs(wanted.attempts)) continue;
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

/** How long to wait after an attempt, or before the first one. */
function patienceMs(attempts: number): number {
  if (attempts === 0) return TRANSACTION_GRACE_MS;
  return TRANSACTION_REQUEST_TIMEOUT_MS * Math.min(2 ** (attempts - 1), BACKOFF_FACTOR_MAX);
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
