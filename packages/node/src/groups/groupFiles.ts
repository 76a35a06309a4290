import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failure, success, type Result } from '@menglian/base/result';
import { readGroupGenesis, readGroupTuning, type GroupGenesis, type GroupTuning } from '../config/groupConfig.js';
import { describeProblems } from '../config/ini.js';
import type { NodeConfig } from '../config/nodeConfig.js';
import { readText, reasonOf } from '../readText.js';
import { readGroupStatus, type GroupPaths } from './groupStatusFile.js';

export interface GroupFiles extends GroupGenesis {
  readonly tuning: GroupTuning;
  /** folder of the database */
  readonly dataPath: string;
}

/** Groups on one node; each has its own thread. */
export const GROUPS_MAX = 256;

/** @param inFolder makes paths of the configuration absolute */
export function groupPaths(config: NodeConfig, inFolder: (path: string) => string, groupId: number): GroupPaths {
  const conf = (name: string) => join(inFolder(config.groupConfigPath), name);
  return {
    genesis: conf(`group.${groupId}.genesis`),
    tuning: conf(`group.${groupId}.ini`),
    data: inFolder(join(config.groupDataPath, `group${groupId}`)),
  };
}

/**
 * The groups to be started with the node: all that have a genesis file, but those that were stopped or deleted.
 * @returns a sentence for the operator when one of them cannot stand
 */
export function readGroups(config: NodeConfig, inFolder: (path: string) => string): Result<GroupFiles[]> {
  const folder = inFolder(config.groupConfigPath);
  const listed = listGroups(folder);
  if (!listed.ok) return listed;
  if (listed.value.length === 0) {
    return failure(`no group.<id>.genesis in ${folder}: a node needs at least one group; copy it from another node`);
  }
  const groups: GroupFiles[] = [];
  for (const groupId of listed.value) {
    const paths = groupPaths(config, inFolder, groupId);
    const status = readGroupStatus(paths.data);
    if (status === 'STOPPED' || status === 'DELETED') continue;
    const files = readGroupFiles(paths, groupId);
    if (!files.ok) return files;
    groups.push(files.value);
  }
  return success(groups);
}

/** Ids of all groups with a genesis file, ascending. */
export function listGroups(folder: string): Result<number[]> {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    return failure(`the folder ${folder} ([group] group_config_path) cannot be read: ${reasonOf(error)}`);
  }
  const groupIds = names
    .map((name) => /^group\.(\d{1,5})\.genesis$/.exec(name)?.[1])
    .filter((id) => id !== undefined)
    .map(Number);
  if (groupIds.length > GROUPS_MAX) {
    return failure(`${groupIds.length} groups in ${folder}; at most ${GROUPS_MAX} are served`);
  }
  return success(groupIds.toSorted((a, b) => a - b));
}

/** @returns a sentence for the operator when a file is missing or wrong */
export function readGroupFiles(paths: GroupPaths, groupId: number): Result<GroupFiles> {
  const text = readText(paths.genesis, 'the genesis of a group', 'copy it from another node of the group');
  if (!text.ok) return text;
  const genesis = readGroupGenesis(text.value, paths.genesis);
  if (!genesis.ok) return failure(describeProblems(genesis.reason));
  if (genesis.value.genesis.groupId !== groupId) {
    return failure(`${paths.genesis}: [group] id=${genesis.value.genesis.groupId} does not fit the file's name`);
  }
  const tuningText = readText(paths.tuning, 'the settings of a group', '');
  const tuning = readGroupTuning(tuningText.ok ? tuningText.value : undefined, paths.tuning);
  if (!tuning.ok) return failure(describeProblems(tuning.reason));
  return success({ ...genesis.value, tuning: tuning.value, dataPath: join(paths.data, 'block') });
}
