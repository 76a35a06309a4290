/** A disk that loses power at a chosen write, for tests of what is built on a store. */
import { crc32 } from 'node:zlib';
import { concatBytes, EMPTY_BYTES } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { checkedBatchBytes } from '../batch.js';
import { StorageError } from '../errors.js';
import { openMemoryStore } from '../memoryStore.js';
import type { KeyValueStore, ScanRange, StoreSnapshot, WriteOperation, WriteOptions } from '../ports.js';

/** What every call of a store answers from the moment its disk lost power: the process is gone. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

export interface CrashPlan {
  /** Power goes during this write, counted from 0 since the disk was made: its promise rejects with SimulatedCrash. */
  readonly crashAtWrite?: number;
  /** This write fails with `storage/no-space`, and every later one with `storage/failed`; the process lives on. */
  readonly failAtWrite?: number;
}

/**
 * The bytes of a log-structured store: one record a batch, with length and checksum, appended in order. A durable write
 * is synced; the rest is at the mercy of `losePower`. This is how LevelDB keeps recent writes, without its tables.
 */
export class CrashDisk {
  #log: Uint8Array[] = [];
  #syncedRecords = 0;
  #writeCount = 0;

  /** Writes since the disk was made, over all openings. */
  get writeCount(): number {
    return this.#writeCount;
  }

  /** Bytes that a loss of power can take away. */
  get unsyncedBytes(): number {
    return this.#log.slice(this.#syncedRecords).reduce((sum, record) => sum + record.length, 0);
  }

  /** Takes away what was not synced but for the first `keptBytes` of it, which may end inside a record. */
  losePower(keptBytes: number): void {
    const tail = concatBytes(...this.#log.slice(this.#syncedRecords)).slice(0, keptBytes);
    this.#log = [...this.#log.slice(0, this.#syncedRecords), ...wholeRecords(tail)];
    this.#syncedRecords = this.#log.length;
  }

  /** Starts a store on what the disk holds. */
  async open(plan: CrashPlan = {}): Promise<KeyValueStore> {
    const memory = openMemoryStore();
    for (const record of this.#log) await memory.write(decodeRecord(record), { durable: true });
    return new CrashStore(memory, plan, (batch, options) => this.#append(batch, options));
  }

  /** @returns the number of this write; what `commit` does is left to the store */
  #append(batch: readonly WriteOperation[], options: WriteOptions): { number: number; sync: () => void } {
    this.#log.push(encodeRecord(batch));
    const length = this.#log.length;
    const number = this.#writeCount++;
    return { number, sync: () => (this.#syncedRecords = options.durable ? length : this.#syncedRecords) };
  }
}

type Append = (
  batch: readonly WriteOperation[],
  options: WriteOptions,
) => { readonly number: number; readonly sync: () => void };

class CrashStore implements KeyValueStore {
  readonly #memory: KeyValueStore;
  readonly #plan: CrashPlan;
  readonly #append: Append;
  #dead: Error | undefined;
  #failed: StorageError | undefined;
  #isClosed = false;

  constructor(memory: KeyValueStore, plan: CrashPlan, append: Append) {
    this.#memory = memory;
    this.#plan = plan;
    this.#append = append;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkAlive();
    return this.#memory.get(key);
  }

  async write(batch: readonly WriteOperation[], options: WriteOptions): Promise<void> {
    this.#checkAlive();
    if (this.#isClosed) throw new StorageError('storage/closed', 'the store is closed');
    if (this.#failed !== undefined) throw new StorageError('storage/failed', 'an earlier write failed');
    checkedBatchBytes(batch);
    const { number, sync } = this.#append(batch, options);
    if (number === this.#plan.crashAtWrite) {
      this.#dead = new SimulatedCrash(`power lost in write ${number}`);
      throw this.#dead;
    }
    if (number === this.#plan.failAtWrite) {
      this.#failed = new StorageError('storage/no-space', `no space in write ${number}`);
      throw this.#failed;
    }
    sync();
    await this.#memory.write(batch, options);
  }

  async scan(range: ScanRange): Promise<Array<[Uint8Array, Uint8Array]>> {
    this.#checkAlive();
    return this.#memory.scan(range);
  }

  snapshot(): StoreSnapshot {
    this.#checkAlive();
    const snapshot = this.#memory.snapshot();
    return {
      scan: async (range) => {
        this.#checkAlive();
        return snapshot.scan(range);
      },
      close: () => snapshot.close(),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#memory.close();
  }

  #checkAlive(): void {
    if (this.#dead !== undefined) throw this.#dead;
  }
}

/** length of the body (4) ‖ checksum of the body (4) ‖ body */
const FRAME_BYTES = 8;
const DELETED = 0xffff_ffff;

function encodeRecord(batch: readonly WriteOperation[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { key, value } of batch) {
    parts.push(words(key.length, value?.length ?? DELETED), key, value ?? EMPTY_BYTES);
  }
  const body = concatBytes(...parts);
  return concatBytes(words(body.length, crc32(body)), body);
}

function decodeRecord(record: Uint8Array): WriteOperation[] {
  const batch: WriteOperation[] = [];
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  let offset = FRAME_BYTES;
  while (offset < record.length) {
    const keyEnd = offset + 8 + view.getUint32(offset);
    const valueLength = view.getUint32(offset + 4);
    const valueEnd = valueLength === DELETED ? keyEnd : keyEnd + valueLength;
    invariant(valueEnd <= record.length, 'storage/crash-record');
    const value = valueLength === DELETED ? undefined : record.slice(keyEnd, valueEnd);
    batch.push({ key: record.slice(offset + 8, keyEnd), value });
    offset = valueEnd;
  }
  return batch;
}

/** The records of the log up to the first that is torn. */
function wholeRecords(log: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  let offset = 0;
  while (offset + FRAME_BYTES <= log.length) {
    const end = offset + FRAME_BYTES + view.getUint32(offset);
    if (end > log.length || crc32(log.subarray(offset + FRAME_BYTES, end)) !== view.getUint32(offset + 4)) break;
    records.push(log.slice(offset, end));
    offset = end;
  }
  return records;
}

function words(first: number, second: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, first);
  view.setUint32(4, second);
  return bytes;
}
