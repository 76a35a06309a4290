import type { MessagePort } from 'node:worker_threads';
import { invariant } from '@menglian/base/invariant';
import { NOT_READY, type Outcome } from '@menglian/rpc/errors';
import type { GroupRequest } from '@menglian/rpc/ports';
import type { GroupToClients, RequestsMessage } from './clientsProtocol.js';

/** Batches a group may owe an answer; further ones are answered with -40010 at once. */
export const BATCHES_MAX = 10_000;

/** One group seen from the clients' thread: requests go straight to the group's thread and answers come straight back. */
export class GroupLink {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, { resolve: (outcomes: Outcome[]) => void; count: number }>();
  #nextNumber = 0;
  #isReady = false;
  #hasFailed = false;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (message: GroupToClients) => this.#onMessage(message));
    // The group's thread has ended.
    port.on('close', () => this.fail());
  }

  /** @returns one outcome for each request; -40010 for all while the group is not open, has failed, or owes too much */
  async request(requests: readonly GroupRequest[]): Promise<Outcome[]> {
    if (!this.#isReady || this.#waiting.size >= BATCHES_MAX) return notReady(requests.length);
    const message: RequestsMessage = { number: this.#nextNumber++, requests };
    return new Promise((resolve) => {
      this.#waiting.set(message.number, { resolve, count: requests.length });
      this.#port.postMessage(message);
    });
  }

  /** The group cannot go on: everybody who waits is answered. Idempotent. */
  fail(): void {
    this.#hasFailed = true;
    this.#isReady = false;
    for (const { resolve, count } of this.#waiting.values()) resolve(notReady(count));
    this.#waiting.clear();
    this.#port.close();
  }

  #onMessage(message: GroupToClients): void {
    // What a failed group still had under way.
    if (this.#hasFailed) return;
    if (message.kind === 'ready') {
      this.#isReady = true;
      return;
    }
    const waiting = this.#waiting.get(message.number);
    invariant(waiting !== undefined, 'node/answer-expected');
    this.#waiting.delete(message.number);
    waiting.resolve(message.outcomes);
  }
}

function notReady(count: number): Outcome[] {
  return Array.from({ length: count }, () => ({ ok: false, error: NOT_READY }));
}
