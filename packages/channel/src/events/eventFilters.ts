/** The event filters of one group. Rules: docs/events.md. */
import { invariant } from '@menglian/base/invariant';
import { EventFilter } from './eventFilter.js';
import { COMPLETED, endText, EventPage } from './eventPage.js';
import { EventCode, type EventRequest } from './eventRequest.js';
import { type EventChain, HeldBlocks } from './heldBlocks.js';
import {
  CHARACTERS_PER_WORK,
  GROUP_FILTERS_MAX,
  GROUP_VALUES_MAX,
  RETRY_DELAY_MS,
  SESSION_FILTERS_MAX,
  TURN_WORK_MAX,
} from './limits.js';

export interface EventFilterComponents {
  readonly chain: EventChain;
  /** Sends the body of a frame 0x1002; only after `canPush`. */
  push(session: number, text: string): void;
  /** false while the connection reads too slowly, or may not read this group any more: its filters wait */
  canPush(session: number): boolean;
  /** Calls back once, not from within; what the callback throws is for the caller's guard. */
  setTimer(delayMs: number, callback: () => void): void;
}

export interface EventFilterOptions {
  /** Blocks from the first one asked for to the head; 0 for no limit. */
  readonly maxBlockRange: number;
  /** Blocks that one filter scans before the next has its turn. */
  readonly maxBlocksPerTurn: number;
}

/**
 * Scans for every filter the blocks it asked for, first those that are stored, then those that come. Blocks are counted,
 * not announced: a filter knows the next number and waits until the head reaches it, so none is missed and none is
 * scanned twice.
 */
export class EventFilters {
  readonly #components: EventFilterComponents;
  readonly #options: EventFilterOptions;
  readonly #held: HeldBlocks;
  /** Have something to scan, in the order of their turns: who had one goes to the end. */
  readonly #ready = new Set<EventFilter>();
  /** Have something to scan and a connection that reads too slowly. */
  readonly #blocked = new Set<EventFilter>();
  /** Have scanned all there is. */
  readonly #idle = new Set<EventFilter>();
  readonly #bySession = new Map<number, Set<EventFilter>>();
  #valuesCount = 0;
  #isTurnPlanned = false;
  #isRetryPlanned = false;
  #isStopped = false;

  constructor(components: EventFilterComponents, options: EventFilterOptions) {
    invariant(options.maxBlocksPerTurn > 0, 'channel/event-blocks-per-turn');
    this.#components = components;
    this.#options = options;
    this.#held = new HeldBlocks(components.chain);
  }

  get size(): number {
    return this.#ready.size + this.#blocked.size + this.#idle.size;
  }

  /** @returns an EventCode; nothing is pushed before this returned */
  register(session: number, request: EventRequest): number {
    if (this.#isStopped) return EventCode.groupNotFound;
    const head = this.#components.chain.head();
    const first = request.fromBlock === 'latest' ? head : request.fromBlock;
    if (!this.#isRangeAllowed(first, request.toBlock, head)) return EventCode.invalidRange;
    const filter = new EventFilter(session, request, first);
    const own = this.#bySession.get(session) ?? new Set();
    if (
      own.size >= SESSION_FILTERS_MAX ||
      this.size >= GROUP_FILTERS_MAX ||
      this.#valuesCount + filter.valuesCount > GROUP_VALUES_MAX
    ) {
      return EventCode.tooManyFilters;
    }
    this.#ready.add(filter);
    this.#bySession.set(session, own.add(filter));
    this.#valuesCount += filter.valuesCount;
    this.#planTurn();
    return EventCode.ok;
  }

  /** Ends all filters of this name, whoever registered them. @returns EventCode.ok, also when there is none */
  unregister(filterId: string): number {
    this.#removeAll(({ request }) => request.filterId === filterId);
    return EventCode.ok;
  }

  /** A block was stored. */
  onHead(): void {
    this.#makeReady(this.#idle);
  }

  onSessionClosed(session: number): void {
    for (const filter of this.#bySession.get(session) ?? []) this.#remove(filter);
  }

  /** The group runs here no more: owners of filters are told, those that read slowly too. */
  stop(): void {
    this.#isStopped = true;
    for (const filters of this.#bySession.values()) {
      for (const { session, request } of filters) {
        this.#components.push(session, endText(request.filterId, EventCode.groupNotFound));
      }
    }
    this.#removeAll(() => true);
    this.#held.clear();
  }

  #isRangeAllowed(first: number, toBlock: number | 'latest', head: number): boolean {
    const { maxBlockRange } = this.#options;
    if (toBlock !== 'latest' && toBlock < first) return false;
    if (maxBlockRange > 0 && head - first + 1 > maxBlockRange) return false;
    // Genesis is always there and has no logs; the blocks above it may be missing up to a snapshot.
    const firstWithLogs = Math.max(1, first);
    return firstWithLogs > head || this.#components.chain.block(firstWithLogs) !== undefined;
  }

  #removeAll(isMeant: (filter: EventFilter) => boolean): void {
    for (const filters of this.#bySession.values()) {
      for (const filter of filters) if (isMeant(filter)) this.#remove(filter);
    }
  }

  #remove(filter: EventFilter): void {
    const own = this.#bySession.get(filter.session);
    if (own?.delete(filter) !== true) return;
    if (own.size === 0) this.#bySession.delete(filter.session);
    for (const filters of [this.#ready, this.#blocked, this.#idle]) filters.delete(filter);
    this.#valuesCount -= filter.valuesCount;
  }

  #makeReady(filters: Set<EventFilter>): void {
    for (const filter of filters) this.#ready.add(filter);
    filters.clear();
    if (this.#ready.size > 0) this.#planTurn();
  }

  #planTurn(): void {
    if (this.#isTurnPlanned) return;
    this.#isTurnPlanned = true;
    this.#components.setTimer(0, () => {
      this.#isTurnPlanned = false;
      this.#takeTurn();
    });
  }

  #planRetry(): void {
    if (this.#isRetryPlanned) return;
    this.#isRetryPlanned = true;
    this.#components.setTimer(RETRY_DELAY_MS, () => {
      this.#isRetryPlanned = false;
      this.#makeReady(this.#blocked);
    });
  }

  /** Gives every filter that is ready its turn, until the work is enough. */
  #takeTurn(): void {
    const head = this.#components.chain.head();
    let waitingCount = this.#ready.size;
    let work = 0;
    for (const filter of this.#ready) {
      if (waitingCount === 0 || work >= TURN_WORK_MAX) break;
      waitingCount -= 1;
      this.#ready.delete(filter);
      this.#ready.add(filter);
      work += 1 + this.#advance(filter, head);
    }
    if (this.#ready.size > 0) this.#planTurn();
    else this.#held.clear();
  }

  /** One turn of one filter. @returns the work that it took */
  #advance(filter: EventFilter, head: number): number {
    let work = 0;
    if (filter.hasWork(head)) {
      if (!this.#components.canPush(filter.session)) {
        this.#move(filter, this.#blocked);
        this.#planRetry();
        return work;
      }
      work = this.#scan(filter, head);
    }
    if (!filter.hasWork(head)) this.#move(filter, this.#idle);
    return work;
  }

  /** Scans some blocks for one filter and pushes what was found. @returns the work that it took */
  #scan(filter: EventFilter, head: number): number {
    const { session, request } = filter;
    const page = new EventPage();
    let work = 0;
    let blocksLeft = this.#options.maxBlocksPerTurn;
    while (blocksLeft > 0 && work < TURN_WORK_MAX && !page.isFull) {
      const number = filter.nextBlock(head);
      if (number === undefined) break;
      const logs = this.#held.logsOf(number, (amount) => (work += amount));
      if (logs === undefined) {
        // A snapshot was taken since the filter came. What happened up to it is not here; what comes then, is.
        filter.passOver();
        continue;
      }
      work += filter.scan(logs, page);
      blocksLeft -= 1;
    }
    if (!page.isEmpty) this.#components.push(session, page.text(request.filterId));
    if (filter.isDone && this.#components.canPush(session)) {
      this.#components.push(session, endText(request.filterId, COMPLETED));
      this.#remove(filter);
    }
    return work + Math.ceil(page.characters / CHARACTERS_PER_WORK);
  }

  /** Takes a filter out of turn, unless it ended meanwhile. */
  #move(filter: EventFilter, to: Set<EventFilter>): void {
    if (this.#ready.delete(filter)) to.add(filter);
  }
}
