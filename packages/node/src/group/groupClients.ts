import type { MessagePort } from 'node:worker_threads';
import { EventCode } from '@menglian/channel/events/eventRequest';
import { EventFilters, type EventFilterOptions } from '@menglian/channel/events/eventFilters';
import { NOT_READY } from '@menglian/rpc/errors';
import { runGroupMethod } from '@menglian/rpc/methods/groupMethods';
import type { ClientsToGroup, GroupToClients } from '../clients/clientsProtocol.js';
import type { Timers } from './clock.js';
import { ReceiptWatchList } from './receiptWatchList.js';
import { RequestQueue } from './requestQueue.js';
import type { RunningGroup } from './runningGroup.js';

/** Event pushes of one session that have not left the node; its filters wait while there are as many. */
const EVENT_PUSHES_MAX = 16;

/** How long to wait before looking again whether the group is open. */
const REOPENING_DELAY_MS = 100;

/** Answers what clients ask of the group, and tells them what they have subscribed to. */
export class GroupClients {
  readonly #group: RunningGroup;
  readonly #port: MessagePort;
  readonly #timers: Timers;
  readonly #onError: (error: unknown) => void;
  readonly #requests: RequestQueue;
  readonly #receipts: ReceiptWatchList;
  readonly #events: EventFilters;
  /** Event pushes on their way, by session. */
  readonly #unsent = new Map<number, number>();
  #hasStopped = false;

  /** @param components.onError told of a request that did what none may do */
  constructor(
    group: RunningGroup,
    components: {
      readonly port: MessagePort;
      readonly events: EventFilterOptions;
      readonly timers: Timers;
      /** monotonic, with fractions: slices of requests are short */
      readonly nowMs: () => number;
      readonly onError: (error: unknown) => void;
    },
  ) {
    const { port, onError } = components;
    this.#group = group;
    this.#port = port;
    this.#timers = components.timers;
    this.#onError = onError;
    this.#receipts = new ReceiptWatchList({
      view: () => group.view,
      push: (receipts) => this.#post({ kind: 'receipts', receipts }),
      abandon: (watchNumbers, text) => this.#post({ kind: 'abandonedReceipts', watchNumbers, text }),
      timers: components.timers,
    });
    this.#events = new EventFilters(
      {
        chain: { head: () => group.view.blockNumber(), block: (number) => group.view.block(number) },
        push: (session, text) => this.#pushEvents(session, text),
        canPush: (session) => (this.#unsent.get(session) ?? 0) < EVENT_PUSHES_MAX,
        setTimer: (delayMs, callback) => this.#setTimer(delayMs, callback),
      },
      components.events,
    );
    this.#requests = new RequestQueue({
      run: (joined) =>
        group.isOpen
          ? runGroupMethod(group.view, joined, this.#receipts)
          : joined.map(() => ({ ok: false, error: NOT_READY })),
      answer: (number, outcomes) => this.#post({ kind: 'answers', number, outcomes }),
      onError,
      nowMs: components.nowMs,
    });
    port.on('message', (message: ClientsToGroup) => this.#guard(() => this.#onMessage(message)));
    this.#post({ kind: 'ready' });
  }

  /** A block was stored. */
  onHead(height: number): void {
    this.#post({ kind: 'block', number: height });
    this.#receipts.onHead();
    this.#events.onHead();
  }

  /** Whoever waits for something of the group is told that it will not come, and the port is closed. */
  stop(): void {
    this.#hasStopped = true;
    this.#requests.stop();
    this.#receipts.stop();
    this.#events.stop();
    this.#port.close();
  }

  #post(message: GroupToClients): void {
    this.#port.postMessage(message);
  }

  #onMessage(message: ClientsToGroup): void {
    switch (message.kind) {
      case 'ping':
        this.#post({ kind: 'pong' });
        break;
      case 'requests':
        this.#requests.push(message.source, message.number, message.requests);
        break;
      case 'registerEvents': {
        const { isOpen } = this.#group;
        const code = isOpen ? this.#events.register(message.session, message.request) : EventCode.groupNotFound;
        this.#post({ kind: 'eventCode', number: message.number, code });
        break;
      }
      case 'unregisterEvents': {
        const code = this.#events.unregister(message.filterId);
        this.#post({ kind: 'eventCode', number: message.number, code });
        break;
      }
      case 'eventsSent':
        this.#onEventsSent(message.session);
        break;
      case 'sessionClosed':
        this.#events.onSessionClosed(message.session);
        this.#unsent.delete(message.session);
        break;
    }
  }

  #pushEvents(session: number, text: string): void {
    this.#unsent.set(session, (this.#unsent.get(session) ?? 0) + 1);
    this.#post({ kind: 'events', session, text });
  }

  #onEventsSent(session: number): void {
    const unsent = this.#unsent.get(session) ?? 0;
    if (unsent > 1) this.#unsent.set(session, unsent - 1);
    else this.#unsent.delete(session);
  }

  /** Between two lives of the group there is no chain to read: later, then. */
  #setTimer(delayMs: number, callback: () => void): void {
    const run = () => {
      if (this.#group.isOpen) this.#guard(callback);
      else if (!this.#hasStopped) this.#setTimer(delayMs, callback);
    };
    this.#timers.setTimer(run, this.#group.isOpen ? delayMs : REOPENING_DELAY_MS);
  }

  #guard(run: () => void): void {
    if (this.#hasStopped) return;
    try {
      run();
    } catch (error) {
      this.#onError(error);
    }
  }
}
