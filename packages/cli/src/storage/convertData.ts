import { failure, success, type Result } from '@menglian/base/result';
import type { OpenKeyring } from '@menglian/node/config/storageSecurityKeys';
import { plainRandomBytes } from '@menglian/node/config/storageSecurityKeys';
import { storeNameOf } from '@menglian/node/group/groupStore';
import { convertFolder, folderBytes, type ConversionDirection } from '@menglian/storage/encryption/convertFolder';
import { existsSync } from 'node:fs';
import { createKeyring, openExistingKeyring, type SecretSources } from './storageKeyring.js';
import type { GroupFolder, StorageFolders } from './storageFolders.js';
import type { StorageOutput } from './storageOutput.js';

/** `menglian storage encrypt` and `decrypt`: all groups of a stopped node, one after the other. */
export async function convertData(
  direction: ConversionDirection,
  folders: StorageFolders,
  sources: SecretSources,
  output: StorageOutput,
): Promise<Result<void>> {
  const keyring = await keyringFor(direction, folders, sources, output);
  if (!keyring.ok) return keyring;
  for (const group of folders.groups) {
    const converted = await convertGroup(direction, group, keyring.value, output);
    if (!converted.ok) return converted;
  }
  sayNext(direction, folders, output);
  return success(undefined);
}

async function keyringFor(
  direction: ConversionDirection,
  folders: StorageFolders,
  sources: SecretSources,
  output: StorageOutput,
): Promise<Result<OpenKeyring>> {
  const existing = await openExistingKeyring(folders, sources);
  if (existing !== undefined) return existing;
  const path = folders.inFolder(folders.security.keyringFile);
  if (direction === 'decrypt') {
    return failure(`there is no keyring ${path}; encrypted data cannot be read without it: restore it from a copy`);
  }
  const created = await createKeyring(folders, sources);
  if (created.ok) {
    output.say({
      en: `[INFO] made the keyring ${path}; keep a copy of it apart from its passphrase or key file`,
      zh: `[INFO] 已生成密钥环 ${path}；请将其备份，并与口令或密钥文件分开保存`,
    });
  }
  return created;
}

async function convertGroup(
  direction: ConversionDirection,
  { groupId, path }: GroupFolder,
  { keys }: OpenKeyring,
  output: StorageOutput,
): Promise<Result<void>> {
  const totalBytes = existsSync(path) ? await folderBytes(path) : 0;
  const options = { keys, storeName: storeNameOf(groupId), path, randomBytes: plainRandomBytes };
  const converted = await convertFolder(direction, options, (progress) => {
    output.progress(storeNameOf(groupId), progress, totalBytes);
  });
  if (!converted.ok) return failure(converted.reason.message);
  const { outcome, entries } = converted.value;
  const isEncrypted = direction === 'encrypt';
  if (outcome === 'already') {
    output.say({
      en: `[INFO] group ${groupId}: ${isEncrypted ? 'encrypted' : 'in clear'} already`,
      zh: `[INFO] 群组 ${groupId}：无需${isEncrypted ? '加密' : '解密'}`,
    });
  } else {
    output.say({
      en: `[INFO] group ${groupId}: ${isEncrypted ? 'encrypted' : 'decrypted'} ${entries} values`,
      zh: `[INFO] 群组 ${groupId}：已${isEncrypted ? '加密' : '解密'} ${entries} 条数据`,
    });
  }
  return success(undefined);
}

function sayNext(direction: ConversionDirection, { security }: StorageFolders, output: StorageOutput): void {
  const isWanted = direction === 'encrypt';
  if (security.isEnabled === isWanted) return;
  output.say({
    en: `[NEXT] set [storage_security] enable=${isWanted} in the configuration, then start the node`,
    zh: `[NEXT] 请在配置中设置 [storage_security] enable=${isWanted}，然后启动节点`,
  });
}
