import { checkedBatchBytes } from '../batch.js';
import { StorageError } from '../errors.js';
import type { KeyValueStore, ScanRange, StoreSnapshot, WriteOperation, WriteOptions } from '../ports.js';
import type { DataKey } from './dataKey.js';
import { describeSealedProblem } from './sealedProblems.js';
import type { ValueSealer } from './valueSealer.js';

/**
 * A store whose values are encrypted on the disk and cannot be changed or moved there unseen. Its keys are in clear, so
 * that ranges are scanned as before: who has the disk sees which accounts and rows there are, and how long their values.
 */
export class EncryptedStore implements KeyValueStore {
  readonly #inner: KeyValueStore;
  readonly #sealer: ValueSealer;
  readonly #name: string;
  /** Batches under way; what they change, a rewriter must leave alone. */
  readonly #underWay = new Set<readonly WriteOperation[]>();

  /** @param inner becomes this store's own: closed with it. @param name of the store, for people */
  constructor(inner: KeyValueStore, sealer: ValueSealer, name: string) {
    this.#inner = inner;
    this.#sealer = sealer;
    this.#name = name;
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
    this.#underWay.add(sealed);
    try {
      await this.#inner.write(sealed, options);
    } finally {
      this.#underWay.delete(sealed);
    }
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

  #openAll(entries: Array<[Uint8Array, Uint8Array]>): Array<[Uint8Array, Uint8Array]> {
    return entries.map(([key, stored]) => [key, this.#open(key, stored)]);
  }

  #open(key: Uint8Array, stored: Uint8Array): Uint8Array {
    const value = this.#sealer.open(key, stored);
    if (value.ok) return value.value;
    throw new StorageError('storage/corrupt', describeSealedProblem(value.reason, key, stored, this.#name));
  }
}
