/** One change of a batch. */
export interface WriteOperation {
  readonly key: Uint8Array;
  /** undefined deletes the key; deleting an absent key is not an error. */
  readonly value: Uint8Array | undefined;
}

export interface WriteOptions {
  /** True: resolve only when the batch would survive a loss of power. False: a crash may lose it, never a part of it. */
  readonly durable: boolean;
  /**
   * Called at the very moment at which reads begin to see the batch, just before the promise resolves: what the caller
   * keeps beside the store can change together with it. Not called when the write fails. Must not throw.
   */
  readonly onVisible?: () => void;
}

export interface ScanRange {
  /** First key of the range. */
  readonly from: Uint8Array;
  /** First key after the range. */
  readonly to: Uint8Array;
  /** At most this many entries; the default and the most is `MAX_SCAN_ENTRIES`. Page on from the last key. */
  readonly limit?: number;
  /** True: from the highest key down. */
  readonly reverse?: boolean;
}

/** The store as it was at one moment, whatever is written since. Holding one keeps the disk from forgetting what is overwritten. */
export interface StoreSnapshot {
  /** As `KeyValueStore.scan`, of that moment. Refused after `close` of either. */
  scan(range: ScanRange): Promise<Array<[Uint8Array, Uint8Array]>>;
  /** Lets the disk forget. Closing twice does nothing; scans under way end as if it were open. */
  close(): Promise<void>;
}

/**
 * An ordered map from byte keys to byte values on one disk. The promises of every backend, which the suite in
 * `@menglian/compliance/keyValueStore` checks:
 *
 * - A batch is atomic: after a crash all of it is there or nothing. Later operations of a batch win over earlier ones.
 * - Batches take effect in the order of the calls, whether awaited or not. A crash keeps a prefix of them that holds at
 *   least everything up to the last durable one.
 * - `get` and `scan` see exactly the batches whose promise has resolved (or is resolving, from `onVisible` on): synchronous
 *   code between two awaits sees one unchanging state, also while a write is under way.
 * - A write that failed has an unknown outcome. The store then refuses every further write (`storage/failed`), because
 *   going on could confirm a later batch on top of a lost one. Reads go on; only reopening finds out what is there.
 */
export interface KeyValueStore {
  /** @returns the value, not to be changed, or undefined. @throws StorageError */
  get(key: Uint8Array): Uint8Array | undefined;
  /** Rejects with StorageError. The operations and their bytes must not change until the promise settles. */
  write(batch: readonly WriteOperation[], options: WriteOptions): Promise<void>;
  /** Entries in key order (byte by byte, a shorter key before a longer one that begins with it). Rejects with StorageError. */
  scan(range: ScanRange): Promise<Array<[Uint8Array, Uint8Array]>>;
  /** The batches that `get` sees at this moment, to be scanned later and slowly. At most `MAX_SNAPSHOTS` at once. @throws StorageError */
  snapshot(): StoreSnapshot;
  /** Waits for the writes under way and releases the disk. Closing twice does nothing; other uses are refused. */
  close(): Promise<void>;
}
