import { SESSION_TIMEOUT_MS, SILENT_SESSIONS_MAX } from './limits.js';
import { type AmopPorts, type SessionNumber, takeRandom } from './ports.js';
import type { Subscriptions } from './subscriptions.js';
import type { Topic } from './topics.js';

export interface Unicast {
  readonly topic: Topic;
  readonly seq: Uint8Array;
  readonly body: Uint8Array;
  /** The session of this node that sent it; it does not get it back. */
  readonly publisher?: SessionNumber;
}

export interface Answer {
  readonly result: number;
  readonly body: Uint8Array;
}

interface Delivery {
  readonly unicast: Unicast;
  /** Not tried yet. */
  readonly sessions: SessionNumber[];
  silent: number;
  /** Number of the attempt under way. */
  attempt: number;
  readonly done: (answer: Answer | undefined) => void;
}

interface Attempt {
  readonly delivery: Delivery;
  readonly session: SessionNumber;
  readonly cancelTimer: () => void;
}

/** Hands a unicast to one of the sessions of this node, to one after the other until one answers. */
export class SessionDeliveries {
  readonly #ports: AmopPorts;
  readonly #subscriptions: Subscriptions;
  readonly #nextDelivery: () => number;
  readonly #attempts = new Map<number, Attempt>();

  /** @param nextDelivery a number that no attempt had: what comes late then fits nothing */
  constructor(ports: AmopPorts, subscriptions: Subscriptions, nextDelivery: () => number) {
    this.#ports = ports;
    this.#subscriptions = subscriptions;
    this.#nextDelivery = nextDelivery;
  }

  /**
   * @param done is called once, perhaps at once: with the answer, or without one when no session gave any
   * @returns ends it without calling `done`
   */
  deliver(unicast: Unicast, done: (answer: Answer | undefined) => void): () => void {
    const sessions = this.#subscriptions.receivers(unicast.topic, unicast.publisher);
    const delivery: Delivery = { unicast, sessions, silent: 0, attempt: 0, done };
    this.#tryNext(delivery);
    return () => this.#end(delivery.attempt);
  }

  /** Ignores numbers of attempts that are over, and those that are not its own. */
  onAnswer(number: number, answer: Answer): void {
    this.#end(number)?.done(answer);
  }

  onSessionClosed(session: SessionNumber): void {
    const lost = [...this.#attempts].filter(([, attempt]) => attempt.session === session);
    for (const [number] of lost) {
      const delivery = this.#end(number);
      if (delivery !== undefined) this.#tryNext(delivery);
    }
  }

  #tryNext(delivery: Delivery): void {
    const { topic, seq, body } = delivery.unicast;
    while (delivery.silent < SILENT_SESSIONS_MAX) {
      const session = takeRandom(delivery.sessions, this.#ports.random);
      if (session === undefined) break;
      if (!this.#subscriptions.has(session, topic)) continue;
      const number = this.#nextDelivery();
      const cancelTimer = this.#ports.after(SESSION_TIMEOUT_MS, () => this.#onSilence(number));
      this.#attempts.set(number, { delivery, session, cancelTimer });
      delivery.attempt = number;
      // Whoever pushes may find the session closed and say so before it returns: then this attempt is over already.
      if (this.#ports.pushUnicast(session, number, seq, body) || this.#end(number) === undefined) return;
    }
    delivery.done(undefined);
  }

  #onSilence(number: number): void {
    const delivery = this.#end(number);
    if (delivery === undefined) return;
    delivery.silent++;
    this.#tryNext(delivery);
  }

  /** @returns the delivery if the attempt was under way */
  #end(number: number): Delivery | undefined {
    const attempt = this.#attempts.get(number);
    if (attempt === undefined) return undefined;
    this.#attempts.delete(number);
    attempt.cancelTimer();
    return attempt.delivery;
  }
}
