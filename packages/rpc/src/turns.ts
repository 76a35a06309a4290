/**
 * Long work of one thread, a piece at a time: between two pieces the event loop serves every socket and port once, so that nobody
 * waits for more than one of them. First come, first served. Bounded by those who wait: requests under way.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** @returns resolves when it is one's turn: what is done before the next `await` is the piece */
  async next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#give);
    });
  }

  /** An immediate that is set in an immediate comes after the sockets. */
  readonly #give = (): void => {
    this.#waiting.shift()!();
    if (this.#waiting.length > 0) setImmediate(this.#give);
  };
}
