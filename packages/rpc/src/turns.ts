import { LONG_PIECE_MS, REST_FACTOR } from './limits.js';

/**
 * Long work of one thread, a piece at a time: between two pieces the event loop serves every socket and port, so that nobody waits
 * for more than one of them, and after a long one it rests, so that what is short finds the thread free most of the time. First come,
 * first served. Bounded by those who wait: requests under way.
 */
export class Turns {
  readonly #nowMs: () => number;
  readonly #waiting: (() => void)[] = [];
  #beganAtMs = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** @returns resolves when it is one's turn: what is done before the next `await` is the piece */
  async next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#give);
    });
  }

  /** Who has a turn stays in front until it is over. */
  readonly #give = (): void => {
    this.#beganAtMs = this.#nowMs();
    this.#waiting[0]!();
    // An immediate that is set in an immediate comes after the sockets.
    setImmediate(this.#end);
  };

  readonly #end = (): void => {
    this.#waiting.shift();
    if (this.#waiting.length === 0) return;
    const tookMs = this.#nowMs() - this.#beganAtMs;
    if (tookMs < LONG_PIECE_MS) this.#give();
    else setTimeout(this.#give, REST_FACTOR * tookMs);
  };
}
