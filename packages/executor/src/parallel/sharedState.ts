import { equalBytes } from '@menglian/base/bytes';
import { type StatePlace, statePlace } from '@menglian/ledger/stateRecords';
import { mapKey, type StateChange } from '@menglian/ledger/stateView';
import { SHARED_STATE_KEYS_MAX } from './limits.js';
import { ABSENT_RECORD, Control, NO_ROOM, recordWords, type SharedMemory } from './sharedMemory.js';

/**
 * The state as workers see it, written by the coordinator alone: for each key that a worker ever asked for, the value now.
 * It goes along with the block, transaction by transaction, and from block to block as long as each follows from the last; so
 * a value crosses to the workers when it changes, not when it is read.
 */
export class SharedState {
  readonly #memory: SharedMemory;
  readonly #indexes = new Map<string, number>();
  readonly #places: StatePlace[] = [];
  /** Words of the heap in use. */
  #used = 1;
  #isFull = false;
  /** Digest of the state this is, between blocks. */
  #digest: Uint8Array | undefined;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
    memory.putRecord(ABSENT_RECORD, undefined);
  }

  /** Something could not be told to the workers: they must not be asked until the next block. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** A block begins on the state with this digest. */
  open(parentDigest: Uint8Array): void {
    if (this.#isFull || this.#digest === undefined || !equalBytes(this.#digest, parentDigest)) this.#reset();
    this.#digest = undefined;
  }

  /** The block is over, and its state has this digest. */
  close(digest: Uint8Array): void {
    this.#digest = digest;
  }

  /** A block was executed without workers. */
  follow(parentDigest: Uint8Array, changes: readonly StateChange[], digest: Uint8Array): void {
    if (this.#digest === undefined || !equalBytes(this.#digest, parentDigest)) return;
    for (const { key, name, value } of changes) this.publish(name ?? mapKey(key), value);
    this.#digest = digest;
  }

  /**
   * The index of a key in `heads`; a new key gets one.
   * @param key kept
   * @param read the value now, of a key that is new. @returns NO_ROOM when there is none
   */
  index(key: Uint8Array, read: (place: StatePlace) => Uint8Array | undefined): number {
    const { heads, keyRecords, keySlots } = this.#memory;
    const found = this.#memory.findKey(key);
    if (found.index >= 0) return found.index;
    if (found.slot < 0) return NO_ROOM;
    if (this.#places.length >= SHARED_STATE_KEYS_MAX) return this.#fill();
    const place = statePlace(key);
    const keyRecord = this.append(key);
    const record = this.append(read(place));
    if (keyRecord === NO_ROOM || record === NO_ROOM) return NO_ROOM;
    const index = this.#places.push(place) - 1;
    this.#indexes.set(mapKey(key), index);
    keyRecords[index] = keyRecord;
    Atomics.store(heads, index, record);
    // Last: whoever finds it finds all of it.
    Atomics.store(keySlots, found.slot, index + 1);
    return index;
  }

  /** What a key is the name of. */
  place(index: number): StatePlace {
    return this.#places[index]!;
  }

  /** Whether the key still has the value that this record was. */
  isCurrent(index: number, record: number): boolean {
    return Atomics.load(this.#memory.heads, index) === record;
  }

  /** A value has changed. Keys that no worker asked for are of no interest. */
  publish(name: string, value: Uint8Array | undefined): void {
    const index = this.#indexes.get(name);
    if (index === undefined) return;
    const record = this.append(value);
    if (record !== NO_ROOM) Atomics.store(this.#memory.heads, index, record);
  }

  /** Keeps a value. @returns its record, or NO_ROOM */
  append(value: Uint8Array | undefined): number {
    if (value === undefined) return ABSENT_RECORD;
    const record = this.#used;
    if (record + recordWords(value) > this.#memory.heap.length) return this.#fill();
    this.#used += this.#memory.putRecord(record, value);
    return record;
  }

  #fill(): typeof NO_ROOM {
    this.#isFull = true;
    return NO_ROOM;
  }

  /** Workers are idle. */
  #reset(): void {
    this.#indexes.clear();
    this.#memory.keySlots.fill(0);
    this.#places.length = 0;
    this.#used = 1;
    this.#isFull = false;
    Atomics.add(this.#memory.control, Control.StateGeneration, 1);
  }
}
