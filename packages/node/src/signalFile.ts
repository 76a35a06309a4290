import { existsSync, rmSync } from 'node:fs';

/** So often the node looks whether the file is there: the scripts of 2.x wait two seconds. */
const LOOK_INTERVAL_MS = 200;

/**
 * How operators of 2.x tell a running node of a change: they make an empty file beside its configuration, and the node deletes
 * it when it has read the change. One that stays is a change that could not be read.
 */
export class SignalFile {
  readonly #path: string;
  readonly #onSignal: () => boolean | Promise<boolean>;
  #timer: NodeJS.Timeout | undefined;
  #wasRefused = false;
  #isReading = false;

  /** @param onSignal reads the change; @returns false when it cannot be read, and is then not asked again for this file */
  constructor(path: string, onSignal: () => boolean | Promise<boolean>) {
    this.#path = path;
    this.#onSignal = onSignal;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (!existsSync(this.#path)) {
      this.#wasRefused = false;
      return;
    }
    if (this.#wasRefused || this.#isReading) return;
    this.#isReading = true;
    if (await this.#onSignal()) rmSync(this.#path, { force: true });
    else this.#wasRefused = true;
    this.#isReading = false;
  }
}
