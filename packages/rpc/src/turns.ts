import { LONG_PIECE_MS, REST_FACTOR, WHOLE_IN_A_ROW_MAX } from './limits.js';

/**
 * Work of one thread that takes a while, one thing at a time: between two of them the event loop serves every socket and port, so that
 * nobody waits for more than one. What is done in one go comes before pieces of what is long, but for one piece now and then; after
 * a piece that took long there is a rest without pieces, so that everything else finds the thread free most of the time. First come,
 * first served among equals. Bounded by those who wait: requests under way.
 */
export class Turns {
  readonly #nowMs: () => number;
  readonly #whole: (() => void)[] = [];
  readonly #pieces: (() => void)[] = [];
  #wholeInARow = 0;
  /** of the piece that has its turn */
  #pieceBeganAtMs: number | undefined;
  #restsUntilMs = 0;
  #isServing = false;
  /** of a rest, while nothing but pieces waits */
  #timer: NodeJS.Timeout | undefined;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** @returns resolves when it is one's turn: what is done before the next `await` is all there is to do */
  async next(): Promise<void> {
    return this.#wait(this.#whole);
  }

  /** @returns as `next`, for a piece of something longer */
  async nextPiece(): Promise<void> {
    return this.#wait(this.#pieces);
  }

  async #wait(line: (() => void)[]): Promise<void> {
    return new Promise((resolve) => {
      line.push(resolve);
      clearTimeout(this.#timer);
      if (!this.#isServing) this.#serveNext();
    });
  }

  /** An immediate that is set in an immediate comes after the sockets. */
  #serveNext(): void {
    this.#isServing = true;
    setImmediate(() => this.#serve());
  }

  #serve(): void {
    const nowMs = this.#nowMs();
    this.#noteTime(nowMs);
    const isPieceDue = this.#pieces.length > 0 && nowMs >= this.#restsUntilMs;
    if (this.#whole.length > 0 && !(isPieceDue && this.#wholeInARow >= WHOLE_IN_A_ROW_MAX)) {
      this.#wholeInARow += 1;
      this.#whole.shift()!();
      this.#serveNext();
    } else if (isPieceDue) {
      this.#wholeInARow = 0;
      this.#pieceBeganAtMs = nowMs;
      this.#pieces.shift()!();
      this.#serveNext();
    } else {
      this.#isServing = false;
      if (this.#pieces.length > 0) this.#timer = setTimeout(() => this.#serveNext(), this.#restsUntilMs - nowMs);
    }
  }

  #noteTime(nowMs: number): void {
    if (this.#pieceBeganAtMs === undefined) return;
    const tookMs = nowMs - this.#pieceBeganAtMs;
    this.#pieceBeganAtMs = undefined;
    if (tookMs >= LONG_PIECE_MS) this.#restsUntilMs = nowMs + REST_FACTOR * tookMs;
  }
}
