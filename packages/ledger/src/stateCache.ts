import { STATE_CACHE_BYTES } from './limits.js';
import { mapKey, type StateChange, type StateView } from './stateView.js';

/** What an entry takes beside its key and value: two objects and a place in the map. */
const ENTRY_BYTES = 150;

/** Stands for a key that is not in the state: asking for it again is as common as for any other. */
const ABSENT = Symbol('absent');

type Entry = Uint8Array | typeof ABSENT;

/**
 * Remembers values of the committed state, the absent ones too: reading LevelDB costs several times as much. Two
 * generations instead of a list by age: what the old one held and nobody asked for goes when the young one is full.
 */
export class StateCache implements StateView {
  readonly #below: StateView;
  readonly #maxBytes: number;
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #youngBytes = 0;

  /** @param maxBytes of both generations together */
  constructor(below: StateView, maxBytes: number = STATE_CACHE_BYTES) {
    this.#below = below;
    this.#maxBytes = maxBytes;
  }

  /** Entries it holds, some of them twice. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: Uint8Array, name: string = mapKey(key)): Uint8Array | undefined {
    let entry = this.#young.get(name);
    if (entry === undefined) {
      entry = this.#old.get(name) ?? this.#below.get(key) ?? ABSENT;
      this.#remember(name, entry);
    }
    return entry === ABSENT ? undefined : entry;
  }

  /** Call at the moment the state below has these changes. */
  apply(changes: readonly StateChange[]): void {
    for (const { key, value, name } of changes) this.#remember(name ?? mapKey(key), value ?? ABSENT);
  }

  #remember(name: string, entry: Entry): void {
    const bytes = ENTRY_BYTES + name.length + (entry === ABSENT ? 0 : entry.length);
    if (2 * (this.#youngBytes + bytes) > this.#maxBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    // A value too large for a whole generation may only push out what there was.
    if (2 * bytes > this.#maxBytes) {
      this.#old.delete(name);
      return;
    }
    this.#young.set(name, entry);
    this.#youngBytes += bytes;
  }
}
