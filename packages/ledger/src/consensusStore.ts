import type { KeyValueStore, WriteOperation } from '@menglian/storage/ports';
import { consensusKey, consensusName } from './keys.js';

/** One record of the consensus engine: `value` undefined deletes it. */
export interface ConsensusRecord {
  /** Printable ASCII. */
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

/**
 * What a consensus engine must remember over a restart, beside the blocks in the same store. Records that a block makes
 * obsolete are deleted in the batch that stores the block: pass `consensusOperations` to `Ledger.commit`.
 */
export interface ConsensusStore {
  get(key: string): Uint8Array | undefined;
  /** All records at once. Rejects with StorageError; the engine must then not go on. */
  write(records: readonly ConsensusRecord[], options: { readonly durable: boolean }): Promise<void>;
  /** Records whose keys begin with `prefix`, by key. */
  list(prefix: string): Promise<ReadonlyArray<{ readonly key: string; readonly value: Uint8Array }>>;
}

export function openConsensusStore(store: KeyValueStore): ConsensusStore {
  return {
    get: (key) => store.get(consensusKey(key)),
    write: (records, options) => store.write(consensusOperations(records), options),
    async list(prefix) {
      const listed: Array<{ key: string; value: Uint8Array }> = [];
      // Names are ASCII: no name that begins with the prefix is above the prefix followed by ff.
      const to = Uint8Array.of(...consensusKey(prefix), 0xff);
      let from = consensusKey(prefix);
      for (;;) {
        const page = await store.scan({ from, to });
        const last = page.at(-1);
        if (last === undefined) return listed;
        for (const [key, value] of page) listed.push({ key: consensusName(key), value });
        from = Uint8Array.of(...last[0], 0);
      }
    },
  };
}

/** The same records as operations of a larger batch. */
export function consensusOperations(records: readonly ConsensusRecord[]): WriteOperation[] {
  return records.map(({ key, value }) => ({ key: consensusKey(key), value }));
}
