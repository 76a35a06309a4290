import { createInterface, type Interface } from 'node:readline/promises';
import type { Language } from '../language.js';
import { complete, type Words } from './completion.js';
import { findCommand } from './commands/all.js';
import type { ConsoleHome } from './home.js';
import type { Printer } from './printer.js';
import { runLine } from './run.js';
import { Screen } from './screen.js';
import type { Session } from './session.js';

export interface ReplOptions {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly home: ConsoleHome;
  readonly words: Words;
  readonly printer: Printer;
  readonly language: Language;
}

/** Lines that the history keeps within a session. */
const HISTORY_LINES_MAX = 1000;

/** Reads lines from a person or a script, and runs one after the other. */
export class Repl {
  readonly #options: ReplOptions;
  readonly #screen: Screen;
  readonly #lines: Interface;
  readonly #isInteractive: boolean;
  #interrupt = new AbortController();
  #isRunning = false;
  #isAsking = false;

  constructor(options: ReplOptions) {
    const { input, output, home, words } = options;
    this.#options = options;
    this.#isInteractive = input.isTTY === true && output.isTTY === true;
    this.#screen = new Screen(output);
    this.#lines = createInterface({
      input,
      ...(this.#isInteractive && { output: this.#screen }),
      terminal: this.#isInteractive,
      historySize: HISTORY_LINES_MAX,
      history: this.#isInteractive ? home.history() : [],
      removeHistoryDuplicates: true,
      completer: (line: string) => complete(line, words).catch((): [string[], string] => [[], line]),
    });
    this.#lines.on('history', (history: string[]) => {
      if (this.#isAsking || !isKept(history[0] ?? '')) history.shift();
    });
    this.#lines.on('SIGINT', () => this.#onInterrupt());
  }

  /** Of the command that runs. */
  get interrupt(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** @returns undefined unless a person sits there */
  async askSecret(question: string): Promise<string | undefined> {
    if (!this.#isInteractive) return undefined;
    this.#options.output.write(question);
    this.#isAsking = true;
    this.#screen.isMuted = true;
    try {
      return await this.#lines.question('');
    } finally {
      this.#screen.isMuted = false;
      this.#isAsking = false;
      this.#options.output.write('\n');
    }
  }

  /** Until `quit` or the end of the input. @returns the exit code: 1 when a line of a script failed */
  async run(session: Session): Promise<0 | 1> {
    let hasFailed = false;
    this.#prompt(session);
    for await (const line of this.#lines) {
      if (line.trim() !== '' && !(await this.#runLine(session, line))) hasFailed = true;
      if (session.isEnded) break;
      this.#prompt(session);
    }
    this.#lines.close();
    return hasFailed && !this.#isInteractive ? 1 : 0;
  }

  async #runLine(session: Session, line: string): Promise<boolean> {
    const { home, printer } = this.#options;
    if (this.#isInteractive && isKept(line)) home.addHistory(line.trim());
    this.#interrupt = new AbortController();
    this.#isRunning = true;
    const outcome = await runLine(session, line).finally(() => {
      this.#isRunning = false;
    });
    if (outcome === undefined) return true;
    printer.print(outcome);
    return outcome.ok;
  }

  #prompt(session: Session): void {
    if (!this.#isInteractive) return;
    this.#lines.setPrompt(`[group:${session.groupId}]> `);
    this.#lines.prompt();
  }

  /** Ends waiting, else drops the line that was begun, else tells how to leave. */
  #onInterrupt(): void {
    if (this.#isRunning) {
      this.#interrupt.abort();
      return;
    }
    const isChinese = this.#options.language === 'zh';
    const hint = isChinese ? '（输入 quit 退出）' : '(quit ends the console)';
    this.#options.output.write(this.#lines.line === '' ? `\n${hint}\n` : '\n');
    // Ctrl-U, as readline itself deletes a line.
    this.#lines.write(null, { ctrl: true, name: 'u' });
    this.#lines.prompt();
  }
}

/** Only commands are kept: a password that was typed in the wrong place must not lie in a file, nor a key. */
export function isKept(line: string): boolean {
  const [name = ''] = line.trim().split(/\s/, 1);
  const found = findCommand(name);
  return found !== undefined && !(found.name === 'loadAccount' && /[0-9a-fA-F]{64}/.test(line));
}
