import type { MessagePort } from 'node:worker_threads';
import { invariant } from '@menglian/base/invariant';
import { EventCode, type EventRequest } from '@menglian/channel/events/eventRequest';
import { NOT_READY, type Outcome } from '@menglian/rpc/errors';
import type { GroupRequest } from '@menglian/rpc/ports';
import type { PushedReceipt } from '../group/receiptWatchList.js';
import type { ClientsToGroup, GroupToClients } from './clientsProtocol.js';
import { SilenceWatch } from './silenceWatch.js';

/** Batches a group may owe an answer; further ones are answered with -40010 at once. */
export const BATCHES_MAX = 10_000;

/** Event requests a group may owe an answer; further ones are refused at once. */
const EVENT_REQUESTS_MAX = 10_000;

/** What a group tells clients without being asked. */
export interface GroupListener {
  /** A block was stored. */
  onBlock(number: number): void;
  onReceipts(receipts: readonly PushedReceipt[]): void;
  onEvents(session: number, text: string): void;
  /** Its thread answers nobody, or does again. */
  onSilence(isSilent: boolean): void;
}

/** Requests that are under way together. */
interface Batch {
  readonly resolve: (outcomes: Outcome[]) => void;
  readonly count: number;
  /** what was answered so far */
  readonly outcomes: Outcome[];
}

/** One group seen from the clients' thread: requests go straight to the group's thread and answers come straight back. */
export class GroupLink {
  readonly #port: MessagePort;
  readonly #listener: GroupListener;
  readonly #batches = new Map<number, Batch>();
  readonly #eventRequests = new Map<number, (code: number) => void>();
  readonly #silence: SilenceWatch;
  readonly #opened: Promise<void>;
  #resolveOpened: () => void = () => {};
  #nextNumber = 0;
  #isReady = false;
  #hasFailed = false;
  /** Nobody waits any longer for answers to numbers below. */
  #firstAwaited = 0;

  constructor(port: MessagePort, listener: GroupListener) {
    this.#port = port;
    this.#listener = listener;
    this.#opened = new Promise((resolve) => {
      this.#resolveOpened = resolve;
    });
    this.#silence = new SilenceWatch({
      owes: () => this.#batches.size + this.#eventRequests.size > 0,
      ping: () => this.#post({ kind: 'ping' }),
      onChange: (isSilent) => {
        if (isSilent) this.#refuseAll();
        listener.onSilence(isSilent);
      },
    });
    port.on('message', (message: GroupToClients) => this.#onMessage(message));
    // The group's thread has ended.
    port.on('close', () => this.fail());
  }

  /** Resolves when the group answers requests, or never will. */
  async opened(): Promise<void> {
    return this.#opened;
  }

  /**
   * @param source who asks: the group lets sources take turns
   * @returns one outcome for each request; -40010 for all while the group is not open, has failed, is silent, or owes too much
   */
  async request(source: number, requests: readonly GroupRequest[]): Promise<Outcome[]> {
    if (!this.#answers || this.#batches.size >= BATCHES_MAX) return notReady(requests.length);
    const number = this.#nextNumber++;
    return new Promise((resolve) => {
      this.#batches.set(number, { resolve, count: requests.length, outcomes: [] });
      this.#silence.begin();
      this.#post({ kind: 'requests', source, number, requests });
    });
  }

  /** @returns a code of docs/events.md */
  async registerEvents(session: number, request: EventRequest): Promise<number> {
    return this.#requestEvents((number) => ({ kind: 'registerEvents', number, session, request }));
  }

  async unregisterEvents(filterId: string): Promise<number> {
    return this.#requestEvents((number) => ({ kind: 'unregisterEvents', number, filterId }));
  }

  onEventsSent(session: number): void {
    if (this.#isReady) this.#post({ kind: 'eventsSent', session });
  }

  onSessionClosed(session: number): void {
    if (this.#isReady) this.#post({ kind: 'sessionClosed', session });
  }

  /** The group cannot go on: everybody who waits is answered. Idempotent. */
  fail(): void {
    this.#hasFailed = true;
    this.#isReady = false;
    this.#resolveOpened();
    this.#refuseAll();
    this.#silence.stop();
    this.#port.close();
  }

  get #answers(): boolean {
    return this.#isReady && !this.#silence.isSilent;
  }

  #refuseAll(): void {
    for (const { resolve, count } of this.#batches.values()) resolve(notReady(count));
    this.#batches.clear();
    for (const resolve of this.#eventRequests.values()) resolve(EventCode.groupNotFound);
    this.#eventRequests.clear();
    this.#firstAwaited = this.#nextNumber;
  }

  #post(message: ClientsToGroup): void {
    this.#port.postMessage(message);
  }

  async #requestEvents(message: (number: number) => ClientsToGroup): Promise<number> {
    if (!this.#answers) return EventCode.groupNotFound;
    if (this.#eventRequests.size >= EVENT_REQUESTS_MAX) return EventCode.tooManyFilters;
    const number = this.#nextNumber++;
    return new Promise((resolve) => {
      this.#eventRequests.set(number, resolve);
      this.#silence.begin();
      this.#post(message(number));
    });
  }

  #onMessage(message: GroupToClients): void {
    // What a failed group had still under way.
    if (this.#hasFailed) return;
    this.#silence.onSign();
    switch (message.kind) {
      case 'ready':
        this.#isReady = true;
        this.#resolveOpened();
        break;
      case 'answers':
        if (message.number >= this.#firstAwaited) this.#onAnswers(message.number, message.outcomes);
        break;
      case 'eventCode':
        if (message.number >= this.#firstAwaited) this.#onEventCode(message.number, message.code);
        break;
      case 'pong':
        this.#silence.onPong();
        break;
      case 'block':
        this.#listener.onBlock(message.number);
        break;
      case 'receipts':
        this.#listener.onReceipts(message.receipts);
        break;
      case 'abandonedReceipts':
        this.#listener.onReceipts(message.watchNumbers.map((watchNumber) => ({ watchNumber, text: message.text })));
        break;
      case 'events':
        this.#listener.onEvents(message.session, message.text);
        break;
    }
  }

  #onAnswers(number: number, outcomes: readonly Outcome[]): void {
    const batch = this.#batches.get(number);
    invariant(batch !== undefined, 'node/answer-expected');
    for (const outcome of outcomes) batch.outcomes.push(outcome);
    if (batch.outcomes.length < batch.count) return;
    this.#batches.delete(number);
    batch.resolve(batch.outcomes);
  }

  #onEventCode(number: number, code: number): void {
    const resolve = this.#eventRequests.get(number);
    invariant(resolve !== undefined, 'node/answer-expected');
    this.#eventRequests.delete(number);
    resolve(code);
  }
}

function notReady(count: number): Outcome[] {
  return Array.from({ length: count }, () => ({ ok: false, error: NOT_READY }));
}
