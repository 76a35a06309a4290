import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyValueStore, StoreSnapshot, WriteOperation, WriteOptions } from '@menglian/storage/ports';

/** A disk that takes its time over every write, keeps their order, and can be cut off as a loss of power does. */
export class SlowStore implements KeyValueStore {
  readonly #disk: KeyValueStore;
  readonly #delayMs: number;
  readonly #onWrite: (batch: readonly WriteOperation[]) => void;
  #last: Promise<void> = Promise.resolve();
  #isCut = false;

  /** @param onWrite told of each batch when it is handed over, before it is on the disk */
  constructor(disk: KeyValueStore, delayMs: number, onWrite: (batch: readonly WriteOperation[]) => void = () => {}) {
    this.#disk = disk;
    this.#delayMs = delayMs;
    this.#onWrite = onWrite;
  }

  /** Nothing is written from now on, of what was handed over before either; writers are told nothing of it. */
  cut(): void {
    this.#isCut = true;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#disk.get(key);
  }

  async write(batch: readonly WriteOperation[], options: WriteOptions): Promise<void> {
    this.#onWrite(batch);
    const before = this.#last;
    const write = sleep(this.#delayMs).then(async () => {
      await before;
      if (!this.#isCut) await this.#disk.write(batch, options);
    });
    this.#last = write;
    await write;
  }

  scan(range: Parameters<KeyValueStore['scan']>[0]): Promise<Array<[Uint8Array, Uint8Array]>> {
    return this.#disk.scan(range);
  }

  snapshot(): StoreSnapshot {
    return this.#disk.snapshot();
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#disk.close();
  }
}
