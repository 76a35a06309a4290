import { failure, success, type Result } from '@menglian/base/result';
import { unfinishedConversion } from '@menglian/storage/encryption/convertFolder';
import type { DataKey } from '@menglian/storage/encryption/dataKey';
import { KeyRewriter, type KeyRewriterPorts } from '@menglian/storage/encryption/keyRewriter';
import { openEncryptedStore, refuseEncryptedStore } from '@menglian/storage/encryption/openEncryptedStore';
import { openLevelStore, type LevelTuning } from '@menglian/storage/levelStore';
import type { KeyValueStore } from '@menglian/storage/ports';
import { plainRandomBytes } from '../config/storageSecurityKeys.js';
import type { Timers } from './clock.js';

/** The store of a group's thread. */
export interface GroupStore {
  readonly store: KeyValueStore;
  /** Encrypts with the last of these from now on, and brings older values under it; nothing for a store in clear. */
  useKeys(keys: readonly DataKey[]): void;
  close(): Promise<void>;
}

export interface GroupStoreOptions {
  readonly groupId: number;
  readonly dataPath: string;
  readonly tuning: LevelTuning;
  /** none: the data is in clear; else the last encrypts */
  readonly storageKeys: readonly DataKey[];
}

export interface GroupStoreComponents extends Pick<KeyRewriterPorts, 'log'> {
  readonly timers: Timers;
}

/** Binds values to their group, for the node and for the tools. */
export function storeNameOf(groupId: number): string {
  return `group${groupId}`;
}

/** @returns a sentence for the operator when the store cannot be opened, or is encrypted otherwise than configured */
export async function openGroupStore(
  options: GroupStoreOptions,
  components: GroupStoreComponents,
): Promise<Result<GroupStore>> {
  const { dataPath: path, tuning, storageKeys } = options;
  const unfinished = unfinishedConversion(path);
  if (unfinished !== undefined) return failure(unfinished.message);
  const opened = await openLevelStore(path, tuning);
  if (!opened.ok) return failure(opened.reason.message);
  const store = opened.value;
  const group =
    storageKeys.length === 0 ? await plainStore(store, path) : await encryptedStore(store, options, components);
  if (!group.ok) await store.close();
  return group;
}

async function plainStore(store: KeyValueStore, path: string): Promise<Result<GroupStore>> {
  const refusal = await refuseEncryptedStore(store, path);
  if (refusal !== undefined) return failure(refusal.message);
  return success({ store, useKeys: () => {}, close: () => store.close() });
}

async function encryptedStore(
  inner: KeyValueStore,
  { groupId, dataPath: path, storageKeys: keys }: GroupStoreOptions,
  { timers, log }: GroupStoreComponents,
): Promise<Result<GroupStore>> {
  const storeName = storeNameOf(groupId);
  const opened = await openEncryptedStore(inner, { keys, storeName, path, randomBytes: plainRandomBytes });
  if (!opened.ok) return failure(opened.reason.message);
  const store = opened.value;
  const pause = (delayMs: number) => new Promise<void>((resolve) => void timers.setTimer(resolve, delayMs));
  const rewriter = new KeyRewriter(store, { pause, log: (level, text) => log(level, `[g:${groupId}] ${text}`) });
  // The node may have been stopped before all values were under the last key.
  if (keys.length > 1) rewriter.begin();
  return success({
    store,
    useKeys: (next) => {
      store.useKeys(next);
      rewriter.begin();
    },
    close: async () => {
      await rewriter.stop();
      await store.close();
    },
  });
}
