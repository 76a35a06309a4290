import { toHex } from '@menglian/base/bytes';
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

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#values.get(toHex(key));
  }

  apply(changes: readonly StateChange[]): void {
    for (const { key, value } of changes) {
      if (value === undefined) this.#values.delete(toHex(key));
      else this.#values.set(toHex(key), value);
    }
  }

  /** Every key and value in hexadecimal digits, sorted by key. */
  entries(): [key: string, value: string][] {
    const entries = [...this.#values].map(([key, value]): [string, string] => [key, toHex(value)]);
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
