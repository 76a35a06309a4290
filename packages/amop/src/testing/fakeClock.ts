interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time that passes when a test says so. */
export class FakeClock {
  nowMs = 0;
  readonly #timers = new Set<Timer>();

  get pending(): number {
    return this.#timers.size;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Calls what is due within this time, in order; what is due at the same moment in the order in which it was asked for. */
  run(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      let next: Timer | undefined;
      for (const timer of this.#timers) if (timer.atMs <= endMs && timer.atMs < (next?.atMs ?? Infinity)) next = timer;
      if (next === undefined) break;
      this.#timers.delete(next);
      this.nowMs = next.atMs;
      next.callback();
    }
    this.nowMs = endMs;
  }
}
