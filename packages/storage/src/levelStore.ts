import { ClassicLevel } from 'classic-level';
import { mkdir, readdir, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { compareBytes } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import { checkedBatchBytes, checkSnapshotCount, scanLimit } from './batch.js';
import { StorageError, type StorageFailure } from './errors.js';
import { describeLevelError } from './levelErrors.js';
import {
  GROUP_WRITE_BYTES,
  LEVEL_CACHE_BYTES,
  LEVEL_MAX_OPEN_FILES,
  LEVEL_TABLE_BYTES,
  LEVEL_WRITE_BUFFER_BYTES,
  MAX_QUEUED_WRITES,
} from './limits.js';
import type { KeyValueStore, ScanRange, StoreSnapshot, WriteOperation, WriteOptions } from './ports.js';

type Level = ClassicLevel<Uint8Array, Uint8Array>;
type LevelSnapshot = ReturnType<Level['snapshot']>;

interface QueuedWrite {
  readonly batch: readonly WriteOperation[];
  readonly bytes: number;
  readonly options: WriteOptions;
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

/**
 * Folders that this thread has open. LevelDB knows them too, but when it refuses a second opening it closes its lock file
 * once more, and with that POSIX takes away the lock that keeps other processes out.
 */
const openFolders = new Set<string>();

/** What a store takes of memory and how it lays out its files; results do not depend on it. */
export interface LevelTuning {
  readonly cacheBytes: number;
  readonly writeBufferBytes: number;
  readonly tableBytes: number;
}

export const DEFAULT_LEVEL_TUNING: LevelTuning = {
  cacheBytes: LEVEL_CACHE_BYTES,
  writeBufferBytes: LEVEL_WRITE_BUFFER_BYTES,
  tableBytes: LEVEL_TABLE_BYTES,
};

/** Opens, or makes, a LevelDB in the folder `path`. One process at a time can have it open. */
export async function openLevelStore(
  path: string,
  tuning: LevelTuning = DEFAULT_LEVEL_TUNING,
): Promise<Result<KeyValueStore, StorageFailure>> {
  let folder: string | undefined;
  try {
    await makeFolder(path);
    const damage = await findMissingFiles(path);
    if (damage !== undefined) return failure(damage);
    const found = await realpath(path);
    if (openFolders.has(found)) return failure(describeLevelError(new Error('already held by process'), path));
    folder = found;
    openFolders.add(folder);
    const level: Level = new ClassicLevel(path, {
      keyEncoding: 'view',
      valueEncoding: 'view',
      writeBufferSize: tuning.writeBufferBytes,
      cacheSize: tuning.cacheBytes,
      maxFileSize: tuning.tableBytes,
      maxOpenFiles: LEVEL_MAX_OPEN_FILES,
    });
    await level.open();
    return success(new LevelStore(level, folder));
  } catch (error) {
    if (folder !== undefined) openFolders.delete(folder);
    return failure(describeLevelError(error, path));
  }
}

/**
 * Makes the folder and those above it. Node's own `recursive` hides why it cannot (a read-only disk reads "no such file")
 * and does not end at all below some special folders.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

/**
 * LevelDB takes a folder without its file CURRENT for an empty one and begins anew over the data that is there. For a
 * node that would mean to forget its votes, so it is refused here.
 */
async function findMissingFiles(path: string): Promise<StorageFailure | undefined> {
  const names = await readdir(path).catch((): string[] => []);
  const hasData = names.some((name) => /^MANIFEST-|\.(ldb|sst|log)$/.test(name));
  if (!hasData || names.includes('CURRENT')) return undefined;
  return {
    code: 'storage/corrupt',
    message: `${path} holds database files but not CURRENT, which names the valid ones; restore the folder from a copy, or move it away and let the node fetch the chain again`,
  };
}

class LevelStore implements KeyValueStore {
  readonly #level: Level;
  readonly #path: string;
  #queue: QueuedWrite[] = [];
  /** The state readers see while a write is under way. LevelDB would show them the batch before it is on disk. */
  #readSnapshot: LevelSnapshot | undefined;
  #readOptions: { snapshot?: LevelSnapshot } = {};
  /** Snapshots of callers, and how many hold each: those taken during one write share what readers see then. */
  readonly #held = new Map<LevelSnapshot, number>();
  #heldCount = 0;
  #drained: Promise<void> | undefined;
  #released: Promise<void> | undefined;
  #failed: StorageError | undefined;
  #isClosed = false;

  constructor(level: Level, path: string) {
    this.#level = level;
    this.#path = path;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen();
    try {
      const value = this.#level.getSync(key, this.#readOptions);
      return value === undefined ? undefined : plainBytes(value);
    } catch (error) {
      throw this.#storageError(error);
    }
  }

  async write(batch: readonly WriteOperation[], options: WriteOptions): Promise<void> {
    this.#checkOpen();
    if (this.#failed !== undefined) throw this.#refusal(this.#failed);
    const bytes = checkedBatchBytes(batch);
    if (this.#queue.length >= MAX_QUEUED_WRITES) {
      throw new StorageError('storage/too-large', `${MAX_QUEUED_WRITES} writes wait for ${this.#path}`);
    }
    await new Promise<void>((resolve, reject) => {
      this.#queue.push({ batch, bytes, options, resolve, reject });
      this.#drained ??= this.#drain();
    });
  }

  async scan(range: ScanRange): Promise<Array<[Uint8Array, Uint8Array]>> {
    return this.#scan(range, this.#readOptions);
  }

  snapshot(): StoreSnapshot {
    this.#checkOpen();
    checkSnapshotCount(this.#heldCount);
    const snapshot = this.#readSnapshot ?? this.#level.snapshot();
    this.#held.set(snapshot, (this.#held.get(snapshot) ?? 0) + 1);
    this.#heldCount++;
    let isClosed = false;
    return {
      scan: async (range) => {
        if (isClosed) throw new StorageError('storage/closed', `a snapshot of ${this.#path} is closed`);
        return this.#scan(range, { snapshot });
      },
      close: async () => {
        if (isClosed) return;
        isClosed = true;
        await this.#letGo(snapshot);
      },
    };
  }

  async #letGo(snapshot: LevelSnapshot): Promise<void> {
    this.#heldCount--;
    const holders = this.#held.get(snapshot)! - 1;
    if (holders > 0) this.#held.set(snapshot, holders);
    else this.#held.delete(snapshot);
    if (holders === 0 && snapshot !== this.#readSnapshot && !this.#isClosed) await snapshot.close();
  }

  async #scan(range: ScanRange, view: { snapshot?: LevelSnapshot }): Promise<Array<[Uint8Array, Uint8Array]>> {
    this.#checkOpen();
    if (compareBytes(range.from, range.to) >= 0) return [];
    try {
      const entries = await this.#level
        .iterator({
          gte: range.from,
          lt: range.to,
          limit: scanLimit(range),
          reverse: range.reverse === true,
          ...view,
        })
        .all();
      return entries.map(([key, value]) => [plainBytes(key), plainBytes(value)]);
    } catch (error) {
      throw this.#storageError(error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#released ??= this.#release();
    await this.#released;
  }

  async #release(): Promise<void> {
    await this.#drained;
    await this.#level.close();
    openFolders.delete(this.#path);
  }

  /** Writes what waits, in order, joining what has gathered: one sync then serves all of it. */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      const error = await this.#writeGroup(group);
      for (const queued of group) {
        if (error !== undefined) queued.reject(error);
        else queued.resolve();
      }
      if (error !== undefined) this.#fail(error);
    }
    this.#drained = undefined;
  }

  #takeGroup(): QueuedWrite[] {
    let bytes = 0;
    let count = 0;
    for (const queued of this.#queue) {
      bytes += queued.bytes;
      if (count > 0 && bytes > GROUP_WRITE_BYTES) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  async #writeGroup(group: readonly QueuedWrite[]): Promise<StorageError | undefined> {
    try {
      this.#hideUntilWritten();
      const chained = this.#level.batch();
      for (const { batch } of group) {
        for (const { key, value } of batch) {
          if (value === undefined) chained.del(key);
          else chained.put(key, value);
        }
      }
      await chained.write({ sync: group.some((queued) => queued.options.durable) });
    } catch (error) {
      return this.#storageError(error);
    } finally {
      this.#showWritten();
    }
    for (const { options } of group) options.onVisible?.();
    return undefined;
  }

  #hideUntilWritten(): void {
    this.#readSnapshot = this.#level.snapshot();
    this.#readOptions = { snapshot: this.#readSnapshot };
  }

  #showWritten(): void {
    // Scans under way hold the snapshot open until they end; nothing has to wait for that.
    const snapshot = this.#readSnapshot;
    if (snapshot !== undefined && !this.#held.has(snapshot)) void snapshot.close();
    this.#readSnapshot = undefined;
    this.#readOptions = {};
  }

  #fail(error: StorageError): void {
    this.#failed = error;
    for (const queued of this.#queue) queued.reject(this.#refusal(error));
    this.#queue = [];
  }

  #refusal(cause: StorageError): StorageError {
    const message = `an earlier write to ${this.#path} failed, so nothing more is written: ${cause.message}`;
    return new StorageError('storage/failed', message, { cause });
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StorageError('storage/closed', `the store in ${this.#path} is closed`);
  }

  #storageError(error: unknown): StorageError {
    if (error instanceof StorageError) return error;
    const { code, message } = describeLevelError(error, this.#path);
    return new StorageError(code, message, { cause: error });
  }
}

/** Buffers behave unlike other byte arrays (`slice` shares memory): callers get the plain kind, over the same memory. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
