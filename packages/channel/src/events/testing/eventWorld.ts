import { toHex, toPrefixedHex } from '@menglian/base/bytes';
import type { BlockView } from '@menglian/rpc/ports';
import type { Log } from '@menglian/types/receipt';
import { type EventFilterComponents, EventFilters, type EventFilterOptions } from '../eventFilters.js';
import type { EventRequest } from '../eventRequest.js';

/** The logs of one block, by transaction. */
export type Logs = readonly (readonly Log[])[];

export const hash = (...numbers: readonly number[]) => Uint8Array.from({ length: 32 }, (_, at) => numbers[at] ?? 0);

export const log = (address: number, topics: readonly number[], dataBytes = 0): Log => ({
  address: address.toString(16).padStart(40, '0'),
  topics: topics.map((topic) => hash(topic)),
  data: new Uint8Array(dataBytes).fill(0xab),
});

export const request = (members: Partial<EventRequest> = {}): EventRequest => ({
  filterId: 'f',
  groupId: 1,
  fromBlock: 'latest',
  toBlock: 'latest',
  addresses: [],
  topics: [],
  ...members,
});

/** A push as it was sent. */
export interface Push {
  readonly session: number;
  readonly text: string;
  readonly filterID: string;
  readonly logs: readonly Readonly<Record<string, unknown>>[] | null;
  readonly result: number;
}

/** Event filters with a chain, timers and connections that a test commands. */
export class EventWorld implements EventFilterComponents {
  readonly filters: EventFilters;
  readonly pushes: Push[] = [];
  readonly slowSessions = new Set<number>();
  /** numbers of blocks, in the order in which they were read */
  readonly reads: number[] = [];
  /** blocks above genesis that a snapshot replaced */
  missing = 0;
  readonly #blocks: Logs[] = [];
  #timers: { readonly delayMs: number; readonly callback: () => void }[] = [];

  constructor(blocks: readonly Logs[], options: Partial<EventFilterOptions> = {}) {
    this.#blocks.push(...blocks);
    this.filters = new EventFilters(this, { maxBlockRange: 0, maxBlocksPerTurn: 3, ...options });
  }

  readonly chain = {
    head: () => this.#blocks.length - 1,
    block: (number: number) => this.#block(number),
  };

  store(logs: Logs): void {
    this.#blocks.push(logs);
    this.filters.onHead();
  }

  push(session: number, text: string): void {
    this.pushes.push({ session, text, ...(JSON.parse(text) as Pick<Push, 'filterID' | 'logs' | 'result'>) });
  }

  canPush(session: number): boolean {
    return !this.slowSessions.has(session);
  }

  setTimer(delayMs: number, callback: () => void): void {
    this.#timers.push({ delayMs, callback });
  }

  /** Delays of the timers that were set and did not run yet. */
  get delays(): readonly number[] {
    return this.#timers.map(({ delayMs }) => delayMs);
  }

  /** Runs the timers that are due within so long, not those that these set. */
  pass(withinMs: number): void {
    const due = this.#timers.filter(({ delayMs }) => delayMs <= withinMs);
    this.#timers = this.#timers.filter(({ delayMs }) => delayMs > withinMs);
    for (const { callback } of due) callback();
  }

  /** Runs turns until none is due at once. */
  settle(): void {
    for (let turns = 0; this.delays.includes(0); turns++) {
      if (turns > 100_000) throw new Error('turns without end');
      this.pass(0);
    }
  }

  /** What a filter is to be told of these blocks, found the simple way. */
  expected({ addresses, topics }: EventRequest, from: number, to: number): readonly unknown[] {
    return this.#blocks.flatMap((transactions, number) =>
      transactions.flatMap((logs, transactionIndex) =>
        logs.flatMap((one, logIndex) => {
          const isAddress = addresses.length === 0 || addresses.includes(one.address);
          const hasTopics = topics.every(
            (accepted, at) =>
              accepted === null || (at < one.topics.length && accepted.includes(toHex(one.topics[at]!))),
          );
          return isAddress && hasTopics && number >= from && number <= to
            ? [pushedLog(one, number, transactionIndex, logIndex)]
            : [];
        }),
      ),
    );
  }

  #block(number: number): BlockView | undefined {
    const transactions = this.#blocks[number];
    if (transactions === undefined || (number > 0 && number <= this.missing)) return undefined;
    this.reads.push(number);
    const view = {
      header: { number },
      hash: hash(1, number),
      transactionCount: transactions.length,
      transactionHash: (index: number) => hash(2, number, index),
      receipt: (index: number) => ({ logs: transactions[index]! }),
    };
    return view as unknown as BlockView;
  }
}

function pushedLog({ address, data, topics }: Log, number: number, transactionIndex: number, logIndex: number) {
  return {
    address: `0x${address}`,
    blockHash: toPrefixedHex(hash(1, number)),
    blockNumber: number.toString(),
    data: toPrefixedHex(data),
    logIndex: `0x${logIndex.toString(16)}`,
    topics: topics.map(toPrefixedHex),
    transactionHash: toPrefixedHex(hash(2, number, transactionIndex)),
    transactionIndex: `0x${transactionIndex.toString(16)}`,
  };
}
