import type { Language } from '../language.js';
import type { Outcome } from './command.js';
import { jsonText } from './output/json.js';
import { answerText, type Page, problemJson, problemText } from './output/render.js';
import { styleFor } from './output/style.js';
import { printable } from './output/width.js';

/** A stream that may be a terminal. */
export interface Paper {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface PrinterOptions {
  /** Gets what was asked for. */
  readonly out: Paper;
  /** Gets what went wrong. */
  readonly error: Paper;
  readonly language: Language;
  readonly isJson: boolean;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
}

/** Writes outcomes: for people with tables and colours, or one JSON value a command, whatever happened. */
export class Printer {
  readonly #options: PrinterOptions;

  constructor(options: PrinterOptions) {
    this.#options = options;
  }

  print(outcome: Outcome): void {
    const { out, error, isJson, language } = this.#options;
    if (outcome.ok)
      out.write(`${isJson ? jsonText(outcome.value.json) : answerText(outcome.value, this.#page(out))}\n`);
    else if (isJson) out.write(`${problemJson(outcome.reason, language)}\n`);
    else error.write(`${problemText(outcome.reason, this.#page(error))}\n`);
  }

  /** A line before the answer; programs get it with the answer. */
  line(text: string): void {
    if (!this.#options.isJson) this.#options.out.write(`${printable(text)}\n`);
  }

  /** A remark for people that is no answer. */
  note(text: string): void {
    if (!this.#options.isJson) this.#options.error.write(`${text}\n`);
  }

  /** Asked for each answer: windows change their size. */
  #page(paper: Paper): Page {
    const { language, environment } = this.#options;
    const columns = paper.isTTY === true ? (paper.columns ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    return { language, style: styleFor(paper, environment), columns };
  }
}
