import type { NodeId } from '@menglian/types/address';
import {
  TRANSACTIONS_ANNOUNCED_MAX,
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
  sources: NodeId[];
  /** Only because this peer says that it has it: counts for that peer's share. */
  announcer: NodeId | undefined;
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
  /** How much of it proposals need, and how much is there for each announcer. */
  #needed = 0;
  readonly #announced = new Map<NodeId, number>();

  get size(): number {
    return this.#wanted.size;
  }

  /**
   * Notes what a proposal needs and who may have it. The next `tick` asks, after a grace in which it may come by itself.
   * @param sources likely holders, the likeliest first; asked before anybody who merely announced it
   */
  want(ids: Iterable<string>, sources: readonly NodeId[], nowMs: number): void {
    if (sources.length === 0) return;
    for (const id of ids) {
      const known = this.#wanted.get(id);
      if (known?.announcer !== undefined) {
        this.#need(known, sources);
      } else if (known !== undefined) {
        for (const source of sources) if (!known.sources.includes(source)) known.sources.push(source);
      } else if (this.#needed < TRANSACTIONS_WANTED_MAX) {
        this.#needed++;
        this.#wanted.set(id, { sources: [...sources], announcer: undefined, next: 0, askedAtMs: nowMs, attempts: 0 });
      }
    }
  }

  /** Notes what a peer says that it has. Each peer has a share of its own, so that nobody crowds out what is needed. */
  announce(ids: Iterable<string>, from: NodeId, nowMs: number): void {
    for (const id of ids) {
      const known = this.#wanted.get(id);
      if (known !== undefined) {
        if (!known.sources.includes(from)) known.sources.push(from);
        continue;
      }
      const count = this.#announced.get(from) ?? 0;
      if (count >= TRANSACTIONS_ANNOUNCED_MAX) return;
      this.#announced.set(from, count + 1);
      this.#wanted.set(id, { sources: [from], announcer: from, next: 0, askedAtMs: nowMs, attempts: 0 });
    }
  }

  /** The body is there, or is no longer needed. */
  settle(id: string): void {
    const wanted = this.#wanted.get(id);
    if (wanted === undefined) return;
    this.#wanted.delete(id);
    if (wanted.announcer === undefined) this.#needed--;
    else this.#shrinkShare(wanted.announcer);
  }

  /** A peer went away: it is not asked again. */
  dropSource(nodeId: NodeId): void {
    for (const [id, wanted] of this.#wanted) {
      const index = wanted.sources.indexOf(nodeId);
      if (index < 0) continue;
      wanted.sources.splice(index, 1);
      wanted.askedAtMs = Number.NEGATIVE_INFINITY;
      if (wanted.sources.length === 0) this.settle(id);
    }
  }

  /** Asks the first source for what is new and the next one where an answer is late, and gives up what nobody has. */
  tick(nowMs: number): TransactionRequest[] {
    const bySource = new Map<NodeId, string[]>();
    for (const [id, wanted] of this.#wanted) {
      if (nowMs - wanted.askedAtMs < patienceMs(wanted.attempts)) continue;
      if (wanted.attempts >= ROUNDS_MAX * wanted.sources.length) {
        this.settle(id);
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

  /** What was only announced is needed now: the new sources are asked at once, before the announcer gets another turn. */
  #need(wanted: Wanted, sources: readonly NodeId[]): void {
    if (wanted.announcer !== undefined) this.#shrinkShare(wanted.announcer);
    this.#needed++;
    wanted.announcer = undefined;
    wanted.sources = [...sources, ...wanted.sources.filter((source) => !sources.includes(source))];
    wanted.next = 0;
    wanted.attempts = 0;
  }

  #shrinkShare(announcer: NodeId): void {
    const count = (this.#announced.get(announcer) ?? 0) - 1;
    if (count > 0) this.#announced.set(announcer, count);
    else this.#announced.delete(announcer);
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
