import { compareBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';

/** Reads state by key: committed, or as some block in progress sees it. Values are not to be changed. */
export interface StateView {
  get(key: Uint8Array): Uint8Array | undefined;
}

/** What a block does to one key. undefined deletes. A list of changes is sorted by key and names each key once. */
export interface StateChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** The state below as it is after `changes`: for executing the next block before this one is on disk. */
export function layeredView(changes: readonly StateChange[], below: StateView): StateView {
  const values = new Map(changes.map(({ key, value }) => [mapKey(key), value]));
  return {
    get(key) {
      const name = mapKey(key);
      const value = values.get(name);
      return value !== undefined || values.has(name) ? value : below.get(key);
    },
  };
}

/** The bytes as text, to look up in a Map: one character a byte. Several times faster than the portable conversion. */
export function mapKey(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

/** Stops unless the keys ascend: the digest of the changes would depend on how they were gathered. */
export function checkSortedChanges(changes: readonly StateChange[]): void {
  for (let i = 1; i < changes.length; i++) {
    invariant(compareBytes(changes[i - 1]!.key, changes[i]!.key) < 0, 'ledger/changes-sorted');
  }
}
