import { type BlockLogs, hasTopics } from './blockLogs.js';
import type { EventPage } from './eventPage.js';
import type { EventRequest } from './eventRequest.js';

/** One filter: what it looks for, and how far it is. */
export class EventFilter {
  /** What is left to scan begins at this block, */
  #number: number;
  /** with the log of this place in it. */
  #ordinal = 0;
  readonly #last: number;
  /** How many addresses and topics it names. */
  readonly valuesCount: number;

  constructor(
    /** who registered it */
    readonly session: number,
    readonly request: EventRequest,
    firstBlock: number,
  ) {
    this.#number = firstBlock;
    this.#last = request.toBlock === 'latest' ? Number.POSITIVE_INFINITY : request.toBlock;
    const { addresses, topics } = request;
    this.valuesCount = topics.reduce((count, accepted) => count + (accepted?.length ?? 0), addresses.length);
  }

  /** The next block to scan, if it is there already. */
  nextBlock(head: number): number | undefined {
    return this.#number <= Math.min(head, this.#last) ? this.#number : undefined;
  }

  /** Whether all blocks asked for have been scanned. */
  get isDone(): boolean {
    return this.#number > this.#last;
  }

  /** Whether there is something to scan or to say. */
  hasWork(head: number): boolean {
    return this.isDone || this.nextBlock(head) !== undefined;
  }

  /** Scans the next block, up to the log that does not fit the page any more. @returns the work that it took */
  scan(logs: BlockLogs, page: EventPage): number {
    const { topics } = this.request;
    const candidates = logs.candidates(this.request);
    const work = this.valuesCount + candidates.length;
    for (const log of candidates) {
      if (log.ordinal < this.#ordinal || !hasTopics(log, topics)) continue;
      if (!page.add(log.json)) {
        this.#ordinal = log.ordinal;
        return work;
      }
    }
    this.passOver();
    return work;
  }

  /** Goes on behind the next block. */
  passOver(): void {
    this.#number += 1;
    this.#ordinal = 0;
  }
}
