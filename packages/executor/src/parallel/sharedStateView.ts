import { mapKey, type StateView } from '@menglian/ledger/stateView';
import { NotSpeculative } from './notSpeculative.js';
import { NO_ROOM, type SharedMemory } from './sharedMemory.js';

/** A value as this worker saw it last. */
interface Seen {
  readonly index: number;
  record: number;
  value: Uint8Array | undefined;
}

/** A key that the transaction looked at, and which version of its value. */
export interface Read {
  readonly index: number;
  readonly record: number;
}

/**
 * The state as a worker reads it, straight from the shared memory: as it is at that moment, which may be after some
 * transactions before the one that reads and before others. What was read is noted, for the coordinator to compare.
 */
export class SharedStateView implements StateView {
  readonly #memory: SharedMemory;
  readonly #ask: (key: Uint8Array) => number;
  readonly #seen = new Map<string, Seen>();
  #reads: Read[] = [];

  /** @param ask the coordinator, for the index of a key that nobody asked for yet */
  constructor(memory: SharedMemory, ask: (key: Uint8Array) => number) {
    this.#memory = memory;
    this.#ask = ask;
  }

  /** The same array as before as long as the value is the same. */
  get(key: Uint8Array, name: string = mapKey(key)): Uint8Array | undefined {
    let seen = this.#seen.get(name);
    if (seen === undefined) {
      const found = this.#memory.findKey(key);
      const index = found.index >= 0 ? found.index : this.#ask(key);
      if (index === NO_ROOM) throw new NotSpeculative('no room for another key');
      const record = Atomics.load(this.#memory.heads, index);
      seen = { index, record, value: this.#memory.record(record) };
      this.#seen.set(name, seen);
    } else {
      const record = Atomics.load(this.#memory.heads, seen.index);
      if (record !== seen.record) {
        seen.record = record;
        seen.value = this.#memory.record(record);
      }
    }
    this.#reads.push({ index: seen.index, record: seen.record });
    return seen.value;
  }

  /** The index of a key that was read. */
  indexOf(name: string): number {
    return this.#seen.get(name)!.index;
  }

  /** What was read since the last call. */
  takeReads(): readonly Read[] {
    const reads = this.#reads;
    this.#reads = [];
    return reads;
  }

  /** The coordinator began anew. */
  forget(): void {
    this.#seen.clear();
  }
}
