import { invariant } from '@menglian/base/invariant';
import { EventQueue, type Planned } from '../eventQueue.js';

/** Something that will happen unless it is cancelled. */
export interface PlannedEvent {
  cancel(): void;
}

/** More events than this in one millisecond are work that begets itself without end. */
const EVENTS_AT_ONCE_MAX = 20_000;

interface Event extends PlannedEvent, Planned {
  run: (() => void) | undefined;
}

/**
 * All time there is, for programs that use promises: events in order of (time, sequence), and between two of them every
 * promise runs as far as it gets. That is the order in which an event loop does it, so that the outcome follows from the
 * events alone. The pause between events costs a turn of the real loop, and no real time enters the simulation.
 */
export class VirtualTime {
  #nowMs = 0;
  #sequence = 0;
  #eventCount = 0;
  #atOnce = 0;
  readonly #queue = new EventQueue<Event>();

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events have run. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Runs `run` after `delayMs` (fractions are dropped), after everything already planned for that moment. */
  after(delayMs: number, run: () => void): PlannedEvent {
    invariant(delayMs >= 0, 'sim/past-event');
    const atMs = this.#nowMs + Math.floor(delayMs);
    const event: Event = { atMs, sequence: this.#sequence++, run, cancel: () => (event.run = undefined) };
    this.#queue.add(event);
    return event;
  }

  /** Runs the events up to a time; the clock then stands there. */
  async runUntil(untilMs: number): Promise<void> {
    await promisesRun();
    for (let next = this.#queue.first; next !== undefined && next.atMs <= untilMs; next = this.#queue.first) {
      this.#queue.removeFirst();
      this.#atOnce = next.atMs === this.#nowMs ? this.#atOnce + 1 : 0;
      invariant(this.#atOnce < EVENTS_AT_ONCE_MAX, 'sim/L4', `time stands still at ${this.#nowMs} ms`);
      this.#nowMs = next.atMs;
      const { run } = next;
      if (run === undefined) continue;
      next.run = undefined;
      this.#eventCount++;
      run();
      await promisesRun();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}

/** Resolves when no promise can go on any more without an event. */
function promisesRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
