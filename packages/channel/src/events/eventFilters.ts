/** The event filters of one group. Rules: docs/events.md. */
import { invariant } from '@menglian/base/invariant';
import { EventFilter } from './eventFilter.js';
import { endText, EventPage } from './eventPage.js';
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
  /** In the order of their turns: who had his goes to the end. */
  readonly #filters = new Set<EventFilter>();
  readonly #bySession = new Map<number, Set<EventFilter>>();
  #valuesCount = 0;
  /** The next turn is due at once or after the retry delay; undefined when none is planned. */
  #due: 'now' | 'later' | undefined;
  /** Counts plans: a timer whose plan was replaced does nothing. */
  #plans = 0;
  #isStopped = false;

  constructor(components: EventFilterComponents, options: EventFilterOptions) {
    invariant(options.maxBlocksPerTurn > 0, 'channel/event-blocks-per-turn');
    this.#components = components;
    this.#options = options;
    this.#held = new HeldBlocks(components.chain);
  }

  get size(): number {
    return this.#filters.size;
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
      this.#filters.size >= GROUP_FILTERS_MAX ||
      this.#valuesCount + filter.valuesCount > GROUP_VALUES_MAX
    ) {
      return EventCode.tooManyFilters;
    }
    this.#filters.add(filter);
    this.#bySession.set(session, own.add(filter));
    this.#valuesCount += filter.valuesCount;
    this.#wake();
    return EventCode.ok;
  }

  /** Ends all filters of this name, whoever registered them. @returns EventCode.ok, also when there is none */
  unregister(filterId: string): number {
    for (const filter of this.#filters) if (filter.request.filterId === filterId) this.#remove(filter);
    return EventCode.ok;
  }

  /** A block was stored. */
  onHead(): void {
    if (this.#filters.size > 0) this.#wake();
  }

  onSessionClosed(session: number): void {
    for (const filter of this.#bySession.get(session) ?? []) this.#remove(filter);
  }

  stop(): void {
    this.#isStopped = true;
    for (const filter of this.#filters) this.#remove(filter);
    this.#held.clear();
    this.#plans += 1;
  }

  #isRangeAllowed(first: number, toBlock: number | 'latest', head: number): boolean {
    const { maxBlockRange } = this.#options;
    if (toBlock !== 'latest' && toBlock < first) return false;
    if (maxBlockRange > 0 && head - first + 1 > maxBlockRange) return false;
    // Genesis is always there and has no logs; the blocks above it may be missing up to a snapshot.
    const firstWithLogs = Math.max(1, first);
    return firstWithLogs > head || this.#components.chain.block(firstWithLogs) !== undefined;
  }

  #remove(filter: EventFilter): void {
    if (!this.#filters.delete(filter)) return;
    this.#valuesCount -= filter.valuesCount;
    const own = this.#bySession.get(filter.session)!;
    own.delete(filter);
    if (own.size === 0) this.#bySession.delete(filter.session);
  }

  #wake(): void {
    if (this.#due !== 'now') this.#plan('now');
  }

  #plan(due: 'now' | 'later'): void {
    this.#due = due;
    const plan = ++this.#plans;
    this.#components.setTimer(due === 'now' ? 0 : RETRY_DELAY_MS, () => {
      if (plan !== this.#plans) return;
      this.#due = undefined;
      this.#takeTurn();
    });
  }

  #takeTurn(): void {
    const head = this.#components.chain.head();
    let unvisited = this.#filters.size;
    let work = 0;
    let canGoOn = false;
    let isBlocked = false;
    for (const filter of this.#filters) {
      if (unvisited === 0 || work >= TURN_WORK_MAX) break;
      unvisited -= 1;
      this.#filters.delete(filter);
      this.#filters.add(filter);
      work += 1;
      if (!filter.hasWork(head)) continue;
      const canPush = this.#components.canPush(filter.session);
      if (canPush) work += this.#advance(filter, head);
      if (canPush) canGoOn ||= this.#filters.has(filter) && filter.hasWork(head);
      else isBlocked = true;
    }
    if (canGoOn || unvisited > 0) this.#wake();
    else if (isBlocked && this.#due === undefined) this.#plan('later');
    else this.#held.clear();
  }

  /** Scans some blocks for one filter and pushes what was found. @returns the work that it took */
  #advance(filter: EventFilter, head: number): number {
    const { session, request } = filter;
    const page = new EventPage();
    let work = 0;
    for (let blocks = 0; blocks < this.#options.maxBlocksPerTurn && work < TURN_WORK_MAX && !page.isFull; blocks++) {
      const number = filter.nextBlock(head);
      if (number === undefined) break;
      const logs = this.#held.logsOf(number, (amount) => (work += amount));
      work += filter.scan(logs, page);
    }
    if (!page.isEmpty) this.#components.push(session, page.text(request.filterId));
    if (filter.isDone && this.#components.canPush(session)) {
      this.#components.push(session, endText(request.filterId));
      this.#remove(filter);
    }
    return work + Math.ceil(page.characters / CHARACTERS_PER_WORK);
  }
}
