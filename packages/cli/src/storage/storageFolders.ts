import { existsSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { failure, success, type Result } from '@menglian/base/result';
import { describeProblems } from '@menglian/node/config/ini';
import { readNodeConfig } from '@menglian/node/config/nodeConfig';
import type { StorageSecurity } from '@menglian/node/config/storageSecurity';
import { readText } from '@menglian/node/readText';

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
  const folder = dirname(resolve(configPath));
  const inFolder = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const text = readText(configPath, 'the configuration of the node', 'name the right file with --config');
  if (!text.ok) return text;
  const config = readNodeConfig(text.value, configPath);
  if (!config.ok) return failure(describeProblems(config.reason));
  const { groupDataPath, storageSecurity } = config.value;
  const groups = groupFolders(inFolder(groupDataPath));
  return success({ configPath: resolve(configPath), security: storageSecurity, inFolder, groups });
}

function groupFolders(dataPath: string): GroupFolder[] {
  if (!existsSync(dataPath)) return [];
  return readdirSync(dataPath)
    .filter((name) => /^group\d{1,5}$/.test(name))
    .map((name) => ({ groupId: Number(name.slice('group'.length)), path: join(dataPath, name, 'block') }))
    .filter(({ path }) => existsSync(path) || existsSync(`${path}.before`))
    .toSorted((a, b) => a.groupId - b.groupId);
}
