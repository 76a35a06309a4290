import { compareBytes, fromByteString, toByteString } from '@menglian/base/bytes';
import { checkedBatchBytes, checkSnapshotCount, scanLimit } from './batch.js';
import { StorageError } from './errors.js';
import type { KeyValueStore, ScanRange, StoreSnapshot, WriteOperation, WriteOptions } from './ports.js';

/** A store that lives as long as the process. For tests, and for the simulator, where a process is an object. */
export function openMemoryStore(): KeyValueStore {
  return new MemoryStore();
}

class MemoryStore implements KeyValueStore {
  /** By byte string: JavaScript compares those as we compare keys. */
  readonly #values: Map<string, Uint8Array>;
  readonly #snapshots = new Set<MemoryStore>();
  /** Keys in order, made for the first scan after a change of keys. */
  #sortedKeys: string[] | undefined;
  #lastWrite: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** @param values to begin with; written values are never changed in place, so that a copy may share them */
  constructor(values: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#values = new Map(values);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen();
    return this.#values.get(toByteString(key));
  }

  async write(batch: readonly WriteOperation[], options: WriteOptions): Promise<void> {
    this.#checkOpen();
    checkedBatchBytes(batch);
    const write = this.#lastWrite.then(() => {
      this.#apply(batch);
      options.onVisible?.();
    });
    this.#lastWrite = write;
    await write;
  }

  async scan(range: ScanRange): Promise<Array<[Uint8Array, Uint8Array]>> {
    this.#checkOpen();
    if (compareBytes(range.from, range.to) >= 0) return [];
    const keys = (this.#sortedKeys ??= [...this.#values.keys()].sort(compareText));
    const start = firstAtLeast(keys, toByteString(range.from));
    const end = firstAtLeast(keys, toByteString(range.to));
    const limit = scanLimit(range);
    const chosen =
      range.reverse === true
        ? keys.slice(Math.max(start, end - limit), end).toReversed()
        : keys.slice(start, Math.min(end, start + limit));
    return chosen.map((key) => [fromByteString(key), this.#values.get(key)!]);
  }

  snapshot(): StoreSnapshot {
    this.#checkOpen();
    checkSnapshotCount(this.#snapshots.size);
    const copy = new MemoryStore(this.#values);
    this.#snapshots.add(copy);
    return {
      scan: async (range) => {
        this.#checkOpen();
        return copy.scan(range);
      },
      close: async () => {
        this.#snapshots.delete(copy);
        await copy.close();
      },
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lastWrite;
  }

  #apply(batch: readonly WriteOperation[]): void {
    for (const { key, value } of batch) {
      const name = toByteString(key);
      if (value === undefined) {
        if (this.#values.delete(name)) this.#sortedKeys = undefined;
      } else {
        if (!this.#values.has(name)) this.#sortedKeys = undefined;
        // A copy, as a disk makes one: the caller may use its buffer again.
        this.#values.set(name, value.slice());
      }
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StorageError('storage/closed', 'the store is closed');
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Index of the first key that is not below `bound`, by binary search. */
function firstAtLeast(keys: readonly string[], bound: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
