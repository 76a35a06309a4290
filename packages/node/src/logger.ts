import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { LogLevel, NodeConfig } from './config/nodeConfig.js';

const RANKS: Readonly<Record<LogLevel, number>> = { trace: 0, debug: 1, info: 2, warning: 3, error: 4 };

/** Bytes waiting for the disk before lines are dropped (and counted): logging never holds the node up. */
const BACKLOG_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Writes the node's log in the form that operators of 2.x search: `level|time|[MODULE] [LABEL] text,key=value`, into
 * `log_YYYYMMDDHH.MM.log`, a new file each hour or when one is full (docs/operations.md).
 */
export class Logger {
  readonly #config: NodeConfig['log'];
  readonly #folder: string;
  #stream: WriteStream | undefined;
  #hour = '';
  #bytes = 0;
  #dropped = 0;
  #hasFailed = false;

  /** @param folder absolute path of the log folder; made if missing. @throws when it cannot be made */
  constructor(config: NodeConfig['log'], folder: string) {
    this.#config = config;
    this.#folder = folder;
    if (config.enabled && !config.console) makeFolder(folder);
  }

  log(level: LogLevel, text: string): void {
    if (!this.#config.enabled || RANKS[level] < RANKS[this.#config.level]) return;
    const now = new Date();
    const line = `${level}|${timeText(now)}|${text}\n`;
    if (this.#config.console) process.stdout.write(line);
    else this.#write(line, now);
  }

  /** Resolves when every line is with the system. */
  async close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined) await new Promise<void>((resolve) => stream.end(() => resolve()));
  }

  #write(line: string, now: Date): void {
    if (this.#hasFailed) return;
    const stream = this.#streamFor(now);
    if (stream.writableLength > BACKLOG_BYTES_MAX) {
      this.#dropped++;
      return;
    }
    const notice = this.#dropped > 0 ? `warning|${timeText(now)}|[LOG] lines dropped=${this.#dropped}\n` : '';
    this.#dropped = 0;
    this.#bytes += notice.length + line.length;
    stream.write(notice + line);
  }

  #streamFor(now: Date): WriteStream {
    const hour = stampOf(now).slice(0, 10);
    const current = this.#stream;
    if (current !== undefined && hour === this.#hour && this.#bytes < this.#config.fileBytesMax) return current;
    current?.end();
    this.#hour = hour;
    this.#bytes = 0;
    const stamp = stampOf(now);
    const stream = createWriteStream(join(this.#folder, `log_${stamp.slice(0, 10)}.${stamp.slice(10, 12)}.log`), {
      flags: 'a',
    });
    stream.on('error', (error) => {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      process.stderr.write(
        `the log in ${this.#folder} cannot be written (${error.message}); the node goes on without it\n`,
      );
    });
    this.#stream = stream;
    return stream;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `the folder of the log, ${folder}, cannot be made (${reason}); set [log] log_path to another one, or remove what is in the way`,
      { cause: error },
    );
  }
}

/** Local time as 2.x writes it, to the millisecond. */
export function timeText(date: Date): string {
  const stamp = stampOf(date);
  const day = `${stamp.slice(0, 4)}-${stamp.slice(4, 6)}-${stamp.slice(6, 8)}`;
  const time = `${stamp.slice(8, 10)}:${stamp.slice(10, 12)}:${stamp.slice(12, 14)}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}000`;
}

/** `YYYYMMDDHHMMSS`, local time. */
export function stampOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}
