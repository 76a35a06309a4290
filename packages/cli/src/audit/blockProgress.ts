/** Times a second that the line is drawn. */
const DRAW_INTERVAL_MS = 100;

/** How far an audit is, in one line of a terminal; nothing anywhere else. */
export class BlockProgress {
  #drawnAtMs = 0;
  #isDrawn = false;

  show(label: string, number: number, last: number): void {
    const nowMs = performance.now();
    if (!process.stderr.isTTY || nowMs - this.#drawnAtMs < DRAW_INTERVAL_MS) return;
    this.#drawnAtMs = nowMs;
    this.#isDrawn = true;
    process.stderr.write(`\r\u001b[2K${label}: ${number} / ${last}`);
  }

  clear(): void {
    if (this.#isDrawn) process.stderr.write('\r\u001b[2K');
    this.#isDrawn = false;
  }
}
