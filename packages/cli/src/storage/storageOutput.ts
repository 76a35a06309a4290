import type { Progress } from '@menglian/storage/encryption/checkStore';
import type { Language, Localized } from '../language.js';

/** Characters of the bar. */
const BAR_CHARACTERS = 30;

/** Times a second that the bar is drawn. */
const DRAW_INTERVAL_MS = 100;

/** Where the tools speak: results on stdout, the bar on stderr where it is a terminal. */
export class StorageOutput {
  readonly language: Language;
  #drawnAtMs = 0;
  #isDrawn = false;

  constructor(language: Language) {
    this.language = language;
  }

  say(text: Localized): void {
    this.#clear();
    process.stdout.write(`${text[this.language]}\n`);
  }

  /** @param totalBytes of the files; compression makes it a guess */
  progress(label: string, { entries, bytes }: Progress, totalBytes: number): void {
    const nowMs = performance.now();
    if (!process.stderr.isTTY || nowMs - this.#drawnAtMs < DRAW_INTERVAL_MS) return;
    this.#drawnAtMs = nowMs;
    this.#isDrawn = true;
    const share = Math.min(0.99, bytes / Math.max(1, totalBytes));
    const bar = '#'.repeat(Math.round(share * BAR_CHARACTERS)).padEnd(BAR_CHARACTERS, '.');
    process.stderr.write(
      `\r\x1b[2K${label} [${bar}] ${Math.floor(share * 100)} % ${entries} (${Math.ceil(bytes / 1e6)} MB)`,
    );
  }

  #clear(): void {
    if (this.#isDrawn) process.stderr.write('\r\x1b[2K');
    this.#isDrawn = false;
  }
}
