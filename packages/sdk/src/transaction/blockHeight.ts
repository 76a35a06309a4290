import type { Ports } from '../ports.js';

/**
 * How old the height may be that block limits are counted from. A chain makes some tens of blocks in that time, and a
 * block limit has room for hundreds.
 */
const HEIGHT_AGE_MAX_MS = 3000;

/** The height of the chain for block limits: asked of a node when it is old, raised by all that passes by. */
export class BlockHeight {
  readonly #ask: () => Promise<number>;
  readonly #ports: Ports;
  #height = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<number> | undefined;

  constructor(ask: () => Promise<number>, ports: Ports) {
    this.#ask = ask;
    this.#ports = ports;
  }

  /** Many may ask at once: one question is under way. */
  get(): Promise<number> | number {
    if (this.#ports.nowMs() - this.#askedAtMs <= HEIGHT_AGE_MAX_MS) return this.#height;
    this.#asking ??= this.#refresh().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** A block of this number was seen. */
  saw(blockNumber: number): void {
    if (blockNumber <= this.#height) return;
    this.#height = blockNumber;
    this.#askedAtMs = this.#ports.nowMs();
  }

  /** The next one to ask gets a fresh height: the one known misled. */
  forget(): void {
    this.#height = 0;
    this.#askedAtMs = Number.NEGATIVE_INFINITY;
  }

  async #refresh(): Promise<number> {
    const height = await this.#ask();
    this.#askedAtMs = this.#ports.nowMs();
    // Nodes differ by some blocks: the highest counts.
    this.#height = Math.max(this.#height, height);
    return this.#height;
  }
}
