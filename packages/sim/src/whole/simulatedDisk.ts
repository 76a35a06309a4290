import { fromByteString, toByteString } from '@menglian/base/bytes';
import type { SeededRandom } from '@menglian/base/seededRandom';
import { checkedBatchBytes } from '@menglian/storage/batch';
import { StorageError } from '@menglian/storage/errors';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import type { KeyValueStore, ScanRange, StoreSnapshot, WriteOperation, WriteOptions } from '@menglian/storage/ports';
import type { VirtualTime } from './virtualTime.js';

/** How fast a disk is. */
export interface DiskSpeed {
  /** A durable write takes up to this long; another one a tenth of it. */
  readonly writeMs: number;
  /** How often a write takes `stallMs` more: a disk that is busy with something else. */
  readonly stallPercent: number;
  readonly stallMs: number;
}

/** What goes wrong with the write of a given number, counted from 0 since the disk was made. */
export interface WritePlan {
  readonly atWrite: number;
  /**
   * `crashBefore`, `crashAfter`: the process dies while it writes, and nothing or all of the batch is on the disk.
   * `fail`, `full`: the write fails with what the store says then; whether it is on the disk is unknown.
   */
  readonly kind: 'crashBefore' | 'crashAfter' | 'fail' | 'full';
}

interface Batch {
  readonly operations: readonly WriteOperation[];
  /** Written as far as the process knows; not necessarily synced. */
  isWritten: boolean;
}

/** Entries in one write while a store is filled at opening. */
const LOAD_ENTRIES = 10_000;

/**
 * A disk in virtual time that keeps the promises of the port and nothing beyond: a write takes its time, its batch is
 * whole or absent after a crash, and what was not synced is lost from some batch on. LevelDB recovers its log in just this
 * way: record by record up to the first that is torn.
 */
export class SimulatedDisk {
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  /** What a loss of power leaves. By byte string. */
  readonly #synced = new Map<string, Uint8Array>();
  /** In order of the calls: the last ones may be on their way to the disk. */
  #unsynced: Batch[] = [];
  /** Keys that do not read as they were written: another value, or an error of checksum. */
  readonly #rotten = new Map<string, Uint8Array | 'unreadable'>();
  #store: SimulatedStore | undefined;
  #writeCount = 0;
  speed: DiskSpeed;
  plan: WritePlan | undefined;
  /** Called in the write that `plan` names, when the process is to die. */
  onCrash: () => void = () => {};

  constructor(time: VirtualTime, random: SeededRandom, speed: DiskSpeed) {
    this.#time = time;
    this.#random = random;
    this.speed = speed;
  }

  /** Writes since the disk was made, over all openings. */
  get writeCount(): number {
    return this.#writeCount;
  }

  /** Starts a store on what the disk holds; the one before must be gone. */
  async open(): Promise<KeyValueStore> {
    const memory = openMemoryStore();
    const operations = [...this.#synced].map(([key, value]) => ({ key: fromByteString(key), value }));
    for (let start = 0; start < operations.length; start += LOAD_ENTRIES) {
      await memory.write(operations.slice(start, start + LOAD_ENTRIES), { durable: true });
    }
    this.#store = new SimulatedStore(memory, this);
    return this.#store;
  }

  /** The process is gone. What it had written is safe with the operating system; of what was on its way, some may be. */
  kill(): void {
    const written = this.#unsynced.filter(({ isWritten }) => isWritten).length;
    this.#keep(written + this.#random.below(this.#unsynced.length - written + 1));
  }

  /** The machine is gone: of what was not synced, only some of the first batches are left. */
  losePower(): void {
    this.#keep(this.#random.below(this.#unsynced.length + 1));
  }

  /** The store was closed in order: what it wrote stays. */
  onClosed(): void {
    this.#keep(this.#unsynced.length);
  }

  /** Spoils one bit of something on the disk. @returns whether there was anything */
  rot(kind: 'silent' | 'detected'): boolean {
    const keys = [...this.#synced.keys()];
    if (keys.length === 0) return false;
    const key = this.#random.pick(keys);
    const value = this.#synced.get(key)!.slice();
    if (value.length > 0) {
      const position = this.#random.below(value.length);
      value[position] = value[position]! ^ (1 << this.#random.below(8));
    }
    this.#rotten.set(key, kind === 'detected' || value.length === 0 ? 'unreadable' : value);
    return true;
  }

  /** A new, empty disk in its place. */
  replace(): void {
    this.#store?.die();
    this.#synced.clear();
    this.#rotten.clear();
    this.#unsynced = [];
  }

  /** What reading that key gives instead of what was written there. @throws StorageError */
  readRotten(key: string): Uint8Array | undefined {
    if (this.#rotten.size === 0) return undefined;
    const value = this.#rotten.get(key);
    if (value === 'unreadable') throw new StorageError('storage/corrupt', 'a checksum is wrong');
    return value;
  }

  /** What a loss of power at this moment would leave of that key. */
  durable(key: Uint8Array): Uint8Array | undefined {
    return this.#synced.get(toByteString(key));
  }

  /** Takes a batch of the store. @returns undefined when the process dies now */
  begin(operations: readonly WriteOperation[], options: WriteOptions): Promise<void> | undefined {
    const number = this.#writeCount++;
    const batch: Batch = { operations, isWritten: false };
    const store = this.#store!;
    const fault = this.plan?.atWrite === number ? this.plan.kind : undefined;
    if (fault === 'crashBefore' || fault === 'crashAfter') {
      this.#keep(this.#unsynced.length);
      if (fault === 'crashAfter') this.#sync(batch);
      this.onCrash();
      return undefined;
    }
    this.#unsynced.push(batch);
    const { promise, resolve, reject } = promiseParts();
    this.#time.after(store.takeTurn(this.#time.nowMs, this.#durationMs(options.durable)), () => {
      if (store.isDead) return;
      if (fault !== undefined || store.failure !== undefined) {
        store.failure ??=
          fault === 'full'
            ? new StorageError('storage/no-space', 'no room is left')
            : new StorageError('storage/failed', 'the disk answered with an error');
        reject(store.failure);
        return;
      }
      batch.isWritten = true;
      if (options.durable) this.#keepThrough(batch);
      for (const { key } of operations) this.#rotten.delete(toByteString(key));
      resolve();
    });
    return promise;
  }

  #durationMs(isDurable: boolean): number {
    const { writeMs, stallPercent, stallMs } = this.speed;
    const stall = this.#random.chance(stallPercent) ? this.#random.below(stallMs + 1) : 0;
    return stall + this.#random.below((isDurable ? writeMs : Math.floor(writeMs / 10)) + 1);
  }

  /** Only the first `count` of what was not synced is left; no process has it open. */
  #keep(count: number): void {
    this.#store?.die();
    for (const batch of this.#unsynced.slice(0, count)) this.#sync(batch);
    this.#unsynced = [];
  }

  #keepThrough(batch: Batch): void {
    const count = this.#unsynced.indexOf(batch) + 1;
    for (const one of this.#unsynced.splice(0, count)) this.#sync(one);
  }

  #sync({ operations }: Batch): void {
    for (const { key, value } of operations) {
      const name = toByteString(key);
      if (value === undefined) this.#synced.delete(name);
      else this.#synced.set(name, value.slice());
    }
  }
}

/** The store of one process. Nothing of it happens any more once the process is dead. */
class SimulatedStore implements KeyValueStore {
  readonly #memory: KeyValueStore;
  readonly #disk: SimulatedDisk;
  #freeAtMs = 0;
  #isClosed = false;
  #lastWrite: Promise<void> = Promise.resolve();
  isDead = false;
  failure: StorageError | undefined;

  constructor(memory: KeyValueStore, disk: SimulatedDisk) {
    this.#memory = memory;
    this.#disk = disk;
  }

  /** One write after the other. @returns how long it takes until this one is done */
  takeTurn(nowMs: number, durationMs: number): number {
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + durationMs;
    return this.#freeAtMs - nowMs;
  }

  die(): void {
    this.isDead = true;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen();
    const rotten = this.#disk.readRotten(toByteString(key));
    return this.#memory.get(key) === undefined ? undefined : (rotten ?? this.#memory.get(key));
  }

  async write(batch: readonly WriteOperation[], options: WriteOptions): Promise<void> {
    this.#checkOpen();
    if (this.failure !== undefined) throw new StorageError('storage/failed', 'an earlier write failed');
    checkedBatchBytes(batch);
    if (this.isDead) return never();
    const write = (this.#disk.begin(batch, options) ?? never()).then(() => this.#memory.write(batch, options));
    this.#lastWrite = write.catch(() => {});
    await write;
  }

  async scan(range: ScanRange): Promise<Array<[Uint8Array, Uint8Array]>> {
    this.#checkOpen();
    return this.#read(await this.#memory.scan(range));
  }

  snapshot(): StoreSnapshot {
    this.#checkOpen();
    const snapshot = this.#memory.snapshot();
    return { scan: async (range) => this.#read(await snapshot.scan(range)), close: () => snapshot.close() };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#lastWrite;
    this.#disk.onClosed();
    await this.#memory.close();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StorageError('storage/closed', 'the store is closed');
  }

  #read(entries: Array<[Uint8Array, Uint8Array]>): Array<[Uint8Array, Uint8Array]> {
    return entries.map(([key, value]) => [key, this.#disk.readRotten(toByteString(key)) ?? value]);
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function promiseParts(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((onDone, onError) => {
    resolve = onDone;
    reject = onError;
  });
  return { promise, resolve, reject };
}
