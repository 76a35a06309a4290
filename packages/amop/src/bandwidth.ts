/** Bytes on the wire for one byte that counts: FISCO BCOS assumes this much from compression. */
const COMPRESSION = 4;

/** Bits of a megabit in bytes. */
const BYTES_PER_MEGABIT = 125_000;

/**
 * What sessions may publish a second. A message that is larger than a second's worth passes when nothing is owed, and those
 * behind it wait until it is paid.
 */
export class Bandwidth {
  readonly #bytesPerSecond: number;
  #available: number;
  #filledAtMs: number;

  /** @param mbits megabits a second; undefined: no limit */
  constructor(mbits: number | undefined, nowMs: number) {
    this.#bytesPerSecond = (mbits ?? Number.POSITIVE_INFINITY) * BYTES_PER_MEGABIT;
    this.#available = this.#bytesPerSecond;
    this.#filledAtMs = nowMs;
  }

  /** @param bytes of all copies that leave the node @returns false when it must not leave now */
  take(bytes: number, nowMs: number): boolean {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY || bytes === 0) return true;
    const earned = ((nowMs - this.#filledAtMs) / 1000) * this.#bytesPerSecond;
    this.#available = Math.min(this.#available + earned, this.#bytesPerSecond);
    this.#filledAtMs = nowMs;
    if (this.#available <= 0) return false;
    this.#available -= bytes / COMPRESSION;
    return true;
  }
}
