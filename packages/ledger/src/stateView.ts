import { compareBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';

/** Reads state by key: committed, or as some block in progress sees it. Values are not to be changed. */
export interface StateView {
  /** @param name `mapKey(key)`, from callers that have it already: making it costs more than looking it up */
  get(key: Uint8Array, name?: string): Uint8Array | undefined;
}

/** What a block does to one key. undefined deletes. A list of changes is sorted by key and names each key once. */
export interface StateChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
  /** `mapKey(key)`, from whoever has it already */
  readonly name?: string;
}

/** Changes of a block, to be looked up by key. */
export type StateLayer = ReadonlyMap<string, Uint8Array | undefined>;

export function stateLayer(changes: readonly StateChange[]): StateLayer {
  const layer = new Map<string, Uint8Array | undefined>();
  for (const { key, value, name } of changes) layer.set(name ?? mapKey(key), value);
  return layer;
}

/**
 * The state below as it is after the blocks of these layers: for executing the next block before they are on disk. When
 * the state below moves on by the first of them, the view stays the same.
 * @param layers of successive blocks, the lowest first
 */
export function stackedView(layers: readonly StateLayer[], below: StateView): StateView {
  if (layers.length === 0) return below;
  const newestFirst = layers.toReversed();
  return {
    get(key, name = mapKey(key)) {
      for (const layer of newestFirst) {
        const value = layer.get(name);
        if (value !== undefined || layer.has(name)) return value;
      }
      return below.get(key, name);
    },
  };
}

/** The state below as it is after `changes`. */
export function layeredView(changes: readonly StateChange[], below: StateView): StateView {
  return stackedView([stateLayer(changes)], below);
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
