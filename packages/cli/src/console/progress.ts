/** How often the line is drawn anew. */
const DRAW_MS = 200;

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** A line on a terminal that says what is waited for and since when. Elsewhere nothing. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** @param text undefined takes the line away */
  show(text: string | undefined): void {
    if (!this.#stream.isTTY) return;
    if (this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#stream.write('\r\x1b[2K');
    }
    if (text === undefined) return;
    const startedAtMs = performance.now();
    let frame = 0;
    const draw = () => {
      const seconds = Math.floor((performance.now() - startedAtMs) / 1000);
      this.#stream.write(`\r\x1b[2K${FRAMES[frame++ % FRAMES.length]!} ${text} (${seconds} s)`);
    };
    draw();
    this.#timer = setInterval(draw, DRAW_MS);
    this.#timer.unref();
  }
}
