import { failure, success, type Result } from '@menglian/base/result';
import { plainRandomBytes, type OpenKeyring } from '@menglian/node/config/storageSecurityKeys';
import { storeNameOf } from '@menglian/node/group/groupStore';
import { checkStore, refuseOtherKeys, type StoreCheck } from '@menglian/storage/encryption/checkStore';
import { folderBytes } from '@menglian/storage/encryption/convertFolder';
import { formOfStore } from '@menglian/storage/encryption/openEncryptedStore';
import { ValueSealer } from '@menglian/storage/encryption/valueSealer';
import { openLevelStore } from '@menglian/storage/levelStore';
import { dropOldKeys, openExistingKeyring, type SecretSources } from './storageKeyring.js';
import type { GroupFolder, StorageFolders } from './storageFolders.js';
import type { StorageOutput } from './storageOutput.js';

/** `menglian storage check`: reads every value of a stopped node. @returns a failure when one is broken */
export async function checkData(
  folders: StorageFolders,
  sources: SecretSources,
  output: StorageOutput,
): Promise<Result<void>> {
  const keyring = await openExistingKeyring(folders, sources);
  if (keyring !== undefined && !keyring.ok) return keyring;
  let brokenCount = 0;
  for (const group of folders.groups) {
    const checked = await checkGroup(group, keyring?.value, output);
    if (!checked.ok) return checked;
    brokenCount += checked.value.brokenCount;
    sayCheck(group, checked.value, output);
  }
  return brokenCount === 0 ? success(undefined) : failure(`${brokenCount} values are broken`);
}

async function checkGroup(
  { groupId, path }: GroupFolder,
  keyring: OpenKeyring | undefined,
  output: StorageOutput,
): Promise<Result<StoreCheck>> {
  const opened = await openLevelStore(path);
  if (!opened.ok) return failure(opened.reason.message);
  try {
    const isEncrypted = (await formOfStore(opened.value)) === 'encrypted';
    if (isEncrypted && keyring === undefined) {
      return failure(`${path} is encrypted, and there is no keyring; restore it from a copy`);
    }
    const name = storeNameOf(groupId);
    const sealer = isEncrypted ? new ValueSealer(name, keyring!.keys, plainRandomBytes) : undefined;
    const totalBytes = await folderBytes(path);
    return success(
      await checkStore(opened.value, sealer, path, (progress) => output.progress(name, progress, totalBytes)),
    );
  } finally {
    await opened.value.close();
  }
}

function sayCheck({ groupId }: GroupFolder, check: StoreCheck, output: StorageOutput): void {
  const { entries, brokenCount, broken, valuesByKey } = check;
  for (const sentence of broken) output.say({ en: `[ERROR] ${sentence}`, zh: `[ERROR] ${sentence}` });
  const keys = [...valuesByKey].map(([id, count]) => `${id}=${count}`).join(', ');
  output.say({
    en: `[INFO] group ${groupId}: ${entries} values read, ${brokenCount} broken; by key: ${keys}`,
    zh: `[INFO] 群组 ${groupId}：读取 ${entries} 条，损坏 ${brokenCount} 条；按密钥：${keys}`,
  });
}

/** `menglian storage rotate-key --drop`: forgets all keys but the last, when no value of a stopped node needs them. */
export async function dropUnneededKeys(folders: StorageFolders, open: OpenKeyring): Promise<Result<number>> {
  const kept = open.keys.at(-1)!.id;
  for (const { groupId, path } of folders.groups) {
    const opened = await openLevelStore(path);
    if (!opened.ok) return failure(opened.reason.message);
    try {
      const needed = await refuseOtherKeys(opened.value, kept);
      if (!needed.ok) {
        return failure(
          `values of group ${groupId} still need data key ${needed.reason}; start the node, which rewrites them, ` +
            'and drop the key when its log says that all values are under the new one',
        );
      }
    } finally {
      await opened.value.close();
    }
  }
  if (open.keys.length > 1) await dropOldKeys(open);
  return success(open.keys.length - 1);
}
