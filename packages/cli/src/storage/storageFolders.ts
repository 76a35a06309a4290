import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { success, type Result } from '@menglian/base/result';
import { readConfigFile } from '@menglian/node/config/configFile';
import type { StorageSecurity } from '@menglian/node/config/storageSecurity';

export interface GroupFolder {
  readonly groupId: number;
  /** of its database */
  readonly path: string;
}

/** What the tools need to know of a node. */
export interface StorageFolders {
  readonly configPath: string;
  readonly security: StorageSecurity;
  /** Paths of the configuration are relative to its folder. */
  readonly inFolder: (path: string) => string;
  /** groups that have data here, in ascending order */
  readonly groups: readonly GroupFolder[];
}

/** @returns a sentence when the configuration cannot be used */
export function readStorageFolders(configPath: string): Result<StorageFolders> {
  const file = readConfigFile(configPath);
  if (!file.ok) return file;
  const { config, path, inFolder } = file.value;
  const groups = groupFolders(inFolder(config.groupDataPath));
  return success({ configPath: path, security: config.storageSecurity, inFolder, groups });
}

function groupFolders(dataPath: string): GroupFolder[] {
  if (!existsSync(dataPath)) return [];
  return readdirSync(dataPath)
    .filter((name) => /^group\d{1,5}$/.test(name))
    .map((name) => ({ groupId: Number(name.slice('group'.length)), path: join(dataPath, name, 'block') }))
    .filter(({ path }) => existsSync(path) || existsSync(`${path}.before`))
    .toSorted((a, b) => a.groupId - b.groupId);
}
