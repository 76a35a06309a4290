import { failure, success, type Result } from '@menglian/base/result';
import type { DataKey } from '@menglian/storage/encryption/dataKey';
import { unfinishedConversion } from '@menglian/storage/encryption/convertFolder';
import type { EncryptedStore } from '@menglian/storage/encryption/encryptedStore';
import { openEncryptedStore, refuseEncryptedStore } from '@menglian/storage/encryption/openEncryptedStore';
import { openLevelStore, type LevelTuning } from '@menglian/storage/levelStore';
import type { KeyValueStore } from '@menglian/storage/ports';
import { plainRandomBytes } from '../config/storageSecurityKeys.js';

/** The store of a group's thread; `encrypted` is the same one where it is encrypted. */
export interface GroupStore {
  readonly store: KeyValueStore;
  readonly encrypted: EncryptedStore | undefined;
}

export interface GroupStoreOptions {
  readonly groupId: number;
  readonly dataPath: string;
  readonly tuning: LevelTuning;
  /** none: the data is in clear; else the last encrypts */
  readonly storageKeys: readonly DataKey[];
}

/** Binds values to their group, for the node and for the tools. */
export function storeNameOf(groupId: number): string {
  return `group${groupId}`;
}

/** @returns a sentence for the operator when the store cannot be opened, or is encrypted otherwise than configured */
export async function openGroupStore(options: GroupStoreOptions): Promise<Result<GroupStore>> {
  const { groupId, dataPath: path, tuning, storageKeys: keys } = options;
  const unfinished = unfinishedConversion(path);
  if (unfinished !== undefined) return failure(unfinished.message);
  const opened = await openLevelStore(path, tuning);
  if (!opened.ok) return failure(opened.reason.message);
  const store = opened.value;
  if (keys.length === 0) {
    const refusal = await refuseEncryptedStore(store, path);
    if (refusal === undefined) return success({ store, encrypted: undefined });
    await store.close();
    return failure(refusal.message);
  }
  const storeName = storeNameOf(groupId);
  const encrypted = await openEncryptedStore(store, { keys, storeName, path, randomBytes: plainRandomBytes });
  if (encrypted.ok) return success({ store: encrypted.value, encrypted: encrypted.value });
  await store.close();
  return failure(encrypted.reason.message);
}
