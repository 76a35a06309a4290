import { StorageError } from '../errors.js';
import type { EncryptedStore } from './encryptedStore.js';

/** Entries of one step: with 20 µs each, the thread of the store is busy for about a millisecond. */
const STEP_ENTRIES_MAX = 64;

/** A step above this many bytes is followed by a shorter one. */
const STEP_BYTES_WANTED = 512 * 1024;

/** Rest after a step, which leaves the thread and the disk to its owner: a million values take six minutes. */
const PAUSE_MS = 20;

/** Visited entries between two lines in the log. */
const REPORT_ENTRIES = 1_000_000;

export interface KeyRewriterPorts {
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly log: (level: 'info' | 'error', text: string) => void;
}

/** Brings all values of a store that is in use under its current key, in small steps, from the first key to the last. */
export class KeyRewriter {
  readonly #store: EncryptedStore;
  readonly #ports: KeyRewriterPorts;
  /** Of the latest `begin`; earlier runs end when they see another. */
  #run = 0;
  #ended: Promise<void> = Promise.resolve();

  constructor(store: EncryptedStore, ports: KeyRewriterPorts) {
    this.#store = store;
    this.#ports = ports;
  }

  /** Begins from the first key, also when it was under way: the store has another current key. */
  begin(): void {
    const run = ++this.#run;
    this.#ended = this.#ended.then(() => this.#rewrite(run));
  }

  /** Resolves when the step under way has ended. Values not visited stay under their key. */
  async stop(): Promise<void> {
    this.#run++;
    await this.#ended;
  }

  async #rewrite(run: number): Promise<void> {
    try {
      // What was encrypted with the key before may still be on its way to the disk.
      await this.#store.settled();
      const total = await this.#visitAll(run);
      if (total === undefined) return;
      const dropping = 'older keys can be dropped when the node is stopped: menglian storage rotate-key --drop';
      const counts = `visited=${total.visited},rewritten=${total.rewritten}`;
      this.#ports.log(
        'info',
        `[STORAGE] all values are under data key ${this.#store.currentKeyId},${counts}; ${dropping}`,
      );
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#ports.log('error', `[STORAGE] values stay under older keys: ${error.message}`);
    }
  }

  /** @returns undefined when it was stopped */
  async #visitAll(run: number): Promise<{ visited: number; rewritten: number } | undefined> {
    let visited = 0;
    let rewritten = 0;
    let from: Uint8Array | undefined;
    let limit = STEP_ENTRIES_MAX;
    while (run === this.#run) {
      const page = await this.#store.rewritePage(from, limit);
      if (page.next === undefined) return { visited, rewritten };
      const isReported = Math.floor(visited / REPORT_ENTRIES) < Math.floor((visited + page.visited) / REPORT_ENTRIES);
      visited += page.visited;
      rewritten += page.rewritten;
      from = page.next;
      limit = page.bytes > STEP_BYTES_WANTED ? Math.max(1, limit >> 1) : Math.min(STEP_ENTRIES_MAX, limit * 2);
      if (isReported) this.#ports.log('info', `[STORAGE] rewriting,visited=${visited},rewritten=${rewritten}`);
      await this.#ports.pause(PAUSE_MS);
    }
    return undefined;
  }
}
