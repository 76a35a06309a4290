/**
 * A replica's monotonic clock as its engine sees it: it may start anywhere, jump ahead, fall back or stand still. The port
 * has an earlier value read as the latest one, so whoever falls back stands still until time has caught up.
 */
export class ReplicaClock {
  readonly #worldMs: () => number;
  #offsetMs: number;
  #frozenAtMs: number | undefined = undefined;
  #latestMs = 0;

  constructor(worldMs: () => number, offsetMs: number) {
    this.#worldMs = worldMs;
    this.#offsetMs = offsetMs;
  }

  nowMs(): number {
    const nowMs = this.#frozenAtMs ?? this.#worldMs() + this.#offsetMs;
    this.#latestMs = Math.max(this.#latestMs, nowMs);
    return nowMs;
  }

  jump(byMs: number): void {
    this.nowMs();
    this.#offsetMs += byMs;
  }

  freeze(): void {
    this.#frozenAtMs = this.nowMs();
  }

  /** Time goes on from the latest value shown. */
  repair(): void {
    this.#frozenAtMs = undefined;
    this.#offsetMs = Math.max(this.#offsetMs, this.#latestMs - this.#worldMs());
  }

  /** How long until this clock shows a time, if nothing happens to it meanwhile. */
  untilMs(atMs: number): number {
    return Math.max(0, atMs - this.nowMs());
  }
}
