import { setImmediate } from 'node:timers/promises';
import { concatBytes, toByteString } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { checkedBatchBytes } from '../batch.js';
import { StorageError } from '../errors.js';
import type { KeyValueStore, ScanRange, StoreSnapshot, WriteOperation, WriteOptions } from '../ports.js';
import type { DataKey } from './dataKey.js';
import { bytesOf, type Entries, EVERYTHING } from './eachEntry.js';
import { describeSealedProblem } from './sealedProblems.js';
import { keyIdOf, looksSealed } from './sealedValue.js';
import type { ValueSealer } from './valueSealer.js';

/** Values of a scan that are decrypted in one go: about two milliseconds. */
const OPENED_TOGETHER_MAX = 256;

/** What one step of rewriting did. */
export interface RewrittenPage {
  readonly visited: number;
  readonly rewritten: number;
  /** bytes of keys and values visited */
  readonly bytes: number;
  /** where the next step begins; undefined at the end */
  readonly next: Uint8Array | undefined;
}

/**
 * A store whose values are encrypted on the disk and cannot be changed or moved there unseen. Its keys are in clear, so
 * that ranges are scanned as before: who has the disk sees which accounts and rows there are, and how long their values.
 */
export class EncryptedStore implements KeyValueStore {
  readonly #inner: KeyValueStore;
  readonly #sealer: ValueSealer;
  readonly #name: string;
  readonly #underWay = new Map<readonly WriteOperation[], Promise<void>>();
  /** Keys that were written, or whose write was under way, since the step of rewriting that runs began. */
  #written: Set<string> | undefined;

  /** @param inner becomes this store's own: closed with it. @param name of the store, for people */
  constructor(inner: KeyValueStore, sealer: ValueSealer, name: string) {
    this.#inner = inner;
    this.#sealer = sealer;
    this.#name = name;
  }

  /** The key that values are encrypted with now. */
  get currentKeyId(): string {
    return this.#sealer.currentKeyId;
  }

  /** Encrypts with the last of these keys from now on. The others must hold all that values still need. */
  useKeys(keys: readonly DataKey[]): void {
    this.#sealer.useKeys(keys);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const stored = this.#inner.get(key);
    return stored === undefined ? undefined : this.#open(key, stored);
  }

  async write(batch: readonly WriteOperation[], options: WriteOptions): Promise<void> {
    // What is too large is refused before the work of encrypting it.
    checkedBatchBytes(batch);
    const sealed = batch.map(({ key, value }) => ({
      key,
      value: value === undefined ? undefined : this.#sealer.seal(key, value),
    }));
    this.#rememberWritten(sealed);
    const written = this.#inner.write(sealed, options);
    this.#underWay.set(sealed, written);
    try {
      await written;
    } finally {
      this.#underWay.delete(sealed);
    }
  }

  /** Resolves when the writes under way now have ended, well or not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
  }

  /**
   * Encrypts with the current key what the next entries hold under older ones. What the owner of the store writes
   * meanwhile stays as the owner wrote it. One step at a time. Rejects with StorageError.
   * @param from undefined for the first key
   */
  async rewritePage(from: Uint8Array | undefined, limit: number): Promise<RewrittenPage> {
    invariant(this.#written === undefined, 'storage/one-rewriter');
    this.#written = new Set();
    for (const batch of this.#underWay.keys()) this.#rememberWritten(batch);
    try {
      const page = await this.#inner.scan({ ...EVERYTHING, ...(from === undefined ? {} : { from }), limit });
      const batch = this.#resealed(page);
      // In the same turn as the look at what was written: a later write of the owner comes after this one.
      if (batch.length > 0) await this.#inner.write(batch, { durable: false });
      const last = page.at(-1);
      return {
        visited: page.length,
        rewritten: batch.length,
        bytes: bytesOf(page),
        next: last === undefined ? undefined : concatBytes(last[0], Uint8Array.of(0)),
      };
    } finally {
      this.#written = undefined;
    }
  }

  #resealed(page: Entries): WriteOperation[] {
    const current = this.#sealer.currentKeyId;
    return page
      .filter(([key, stored]) => {
        const isCurrent = looksSealed(stored) && keyIdOf(stored) === current;
        return !isCurrent && this.#written?.has(toByteString(key)) === false;
      })
      .map(([key, stored]) => ({ key, value: this.#sealer.seal(key, this.#open(key, stored)) }));
  }

  #rememberWritten(batch: readonly WriteOperation[]): void {
    if (this.#written === undefined) return;
    for (const { key } of batch) this.#written.add(toByteString(key));
  }

  async scan(range: ScanRange): Promise<Array<[Uint8Array, Uint8Array]>> {
    return this.#openAll(await this.#inner.scan(range));
  }

  snapshot(): StoreSnapshot {
    const snapshot = this.#inner.snapshot();
    return {
      scan: async (range) => this.#openAll(await snapshot.scan(range)),
      close: () => snapshot.close(),
    };
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  async #openAll(entries: Entries): Promise<Array<[Uint8Array, Uint8Array]>> {
    const opened: Array<[Uint8Array, Uint8Array]> = [];
    for (const [key, stored] of entries) {
      // LevelDB reads on a thread of its own; we decrypt on the owner's, who has more to do.
      if (opened.length > 0 && opened.length % OPENED_TOGETHER_MAX === 0) await setImmediate();
      opened.push([key, this.#open(key, stored)]);
    }
    return opened;
  }

  #open(key: Uint8Array, stored: Uint8Array): Uint8Array {
    const value = this.#sealer.open(key, stored);
    if (value.ok) return value.value;
    throw new StorageError('storage/corrupt', describeSealedProblem(value.reason, key, stored, this.#name));
  }
}
