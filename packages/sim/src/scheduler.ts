import { invariant } from '@menglian/base/invariant';

interface Event {
  readonly atMs: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** All time there is: events in order of (time, sequence). Nothing happens between two of them. */
export class Scheduler {
  #nowMs = 0;
  #sequence = 0;
  readonly #heap: Event[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs `run` after `delayMs`, after everything already planned for that moment. */
  after(delayMs: number, run: () => void): void {
    invariant(delayMs >= 0, 'sim/past-event');
    const event: Event = { atMs: this.#nowMs + delayMs, sequence: this.#sequence++, run };
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = event;
  }

  /** Runs the events up to a time; the clock then stands there. @returns how many ran */
  runUntil(untilMs: number): number {
    let count = 0;
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#removeFirst();
      this.#nowMs = next.atMs;
      next.run();
      count++;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    return count;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
