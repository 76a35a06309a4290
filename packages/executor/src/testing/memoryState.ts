import { fromByteString, toHex } from '@menglian/base/bytes';
import { mapKey } from '@menglian/ledger/stateView';
import type { StateChange, StateView } from '@menglian/ledger/stateView';

/** A committed state in memory, for tests and benchmarks. */
export class MemoryState implements StateView {
  readonly #values = new Map<string, Uint8Array>();

  constructor(changes: readonly StateChange[] = []) {
    this.apply(changes);
  }

  /** A state of its own with what is in this one now. */
  copy(): MemoryState {
    const copy = new MemoryState();
    for (const [key, value] of this.#values) copy.#values.set(key, value);
    return copy;
  }

  get(key: Uint8Array, name: string = mapKey(key)): Uint8Array | undefined {
    return this.#values.get(name);
  }

  apply(changes: readonly StateChange[]): void {
    for (const { key, value } of changes) {
      if (value === undefined) this.#values.delete(mapKey(key));
      else this.#values.set(mapKey(key), value);
    }
  }

  /** Every key and value in hexadecimal digits, sorted by key. */
  entries(): [key: string, value: string][] {
    const entries = [...this.#values].map(([name, value]): [string, string] => [
      toHex(fromByteString(name)),
      toHex(value),
    ]);
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
