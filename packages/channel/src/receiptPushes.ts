import { MessageType } from './messageTypes.js';
import type { ChannelSession } from './session.js';
import { RECEIPTS_AWAITED_MAX } from './limits.js';

interface Awaited {
  readonly session: ChannelSession;
  readonly sequence: Uint8Array;
  /** The answer with the hash is on its way: the receipt may follow. */
  isAnswered: boolean;
  early: string | undefined;
}

/** Which session waits for which receipt, and that no receipt overtakes the answer to the request that it belongs to. */
export class ReceiptPushes {
  readonly #awaited = new Map<number, Awaited>();
  readonly #numbersOf = new Map<ChannelSession, Set<number>>();
  #next = 1;

  /** Receipts that are awaited. */
  get size(): number {
    return this.#awaited.size;
  }

  /** @param sequence of the request. @returns the number of the watch, or undefined when too many wait */
  open(session: ChannelSession, sequence: Uint8Array): number | undefined {
    if (this.#awaited.size >= RECEIPTS_AWAITED_MAX) return undefined;
    const number = this.#next++;
    this.#awaited.set(number, { session, sequence, isAnswered: false, early: undefined });
    const numbers = this.#numbersOf.get(session) ?? new Set();
    this.#numbersOf.set(session, numbers.add(number));
    return number;
  }

  /** The request was answered. @param isAwaited false when no receipt will come */
  onAnswered(number: number, isAwaited: boolean): void {
    const awaited = this.#awaited.get(number);
    if (awaited === undefined) return;
    awaited.isAnswered = true;
    if (!isAwaited) this.#remove(number);
    else if (awaited.early !== undefined) this.push(number, awaited.early);
  }

  /** A receipt has come. @param text as it is sent. Sessions that are gone get nothing */
  push(number: number, text: string): void {
    const awaited = this.#awaited.get(number);
    if (awaited === undefined) return;
    if (!awaited.isAnswered) {
      awaited.early = text;
      return;
    }
    this.#remove(number);
    const { session, sequence } = awaited;
    session.send({ type: MessageType.Receipt, sequence, result: 0, data: Buffer.from(text) });
  }

  onSessionClosed(session: ChannelSession): void {
    for (const number of this.#numbersOf.get(session) ?? []) this.#awaited.delete(number);
    this.#numbersOf.delete(session);
  }

  #remove(number: number): void {
    const { session } = this.#awaited.get(number)!;
    this.#awaited.delete(number);
    const numbers = this.#numbersOf.get(session)!;
    numbers.delete(number);
    if (numbers.size === 0) this.#numbersOf.delete(session);
  }
}
