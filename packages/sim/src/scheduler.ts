import { invariant } from '@menglian/base/invariant';
import { EventQueue, type Planned } from './eventQueue.js';

interface Event extends Planned {
  readonly run: () => void;
}

/** All time there is: events in order of (time, sequence). Nothing happens between two of them. */
export class Scheduler {
  #nowMs = 0;
  #sequence = 0;
  readonly #queue = new EventQueue<Event>();

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs `run` after `delayMs`, after everything already planned for that moment. */
  after(delayMs: number, run: () => void): void {
    invariant(delayMs >= 0, 'sim/past-event');
    const event: Event = { atMs: this.#nowMs + delayMs, sequence: this.#sequence++, run };
    this.#queue.add(event);
  }

  /** Runs the events up to a time; the clock then stands there. @returns how many ran */
  runUntil(untilMs: number): number {
    let count = 0;
    for (let next = this.#queue.first; next !== undefined && next.atMs <= untilMs; next = this.#queue.first) {
      this.#queue.removeFirst();
      this.#nowMs = next.atMs;
      next.run();
      count++;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    return count;
  }
}
