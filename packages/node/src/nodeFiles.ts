import { readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { failure, success, type Result } from '@menglian/base/result';
import { readChannelCertificates, type ChannelFiles } from './channelCertificates.js';
import { readGroupGenesis, readGroupTuning, type GroupGenesis, type GroupTuning } from './config/groupConfig.js';
import { describeProblems } from './config/ini.js';
import { readNodeConfig, type NodeConfig } from './config/nodeConfig.js';
import { readIdentity, type NodeIdentity } from './nodeIdentity.js';
import { reasonOf, readText } from './readText.js';

export interface GroupFiles extends GroupGenesis {
  readonly tuning: GroupTuning;
  readonly dataPath: string;
}

/** Everything a node reads before it starts. */
export interface NodeFiles {
  /** of `config.ini` */
  readonly configPath: string;
  readonly folder: string;
  readonly config: NodeConfig;
  readonly identity: NodeIdentity;
  readonly channel: ChannelFiles;
  readonly groups: readonly GroupFiles[];
}

/** Groups on one node; each has its own thread. */
const GROUPS_MAX = 256;

/**
 * Reads the configuration, key, certificates and groups of a node.
 * @param configPath path of config.ini; other paths in it are relative to its folder
 * @returns sentences for the operator when something cannot stand
 */
export function readNodeFiles(configPath: string): Result<NodeFiles> {
  const folder = dirname(resolve(configPath));
  const inFolder = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const text = readText(configPath, 'the configuration of the node', 'name the right file with --config');
  if (!text.ok) return text;
  const config = readNodeConfig(text.value, configPath);
  if (!config.ok) return failure(describeProblems(config.reason));
  const identity = readIdentity(config.value, inFolder);
  if (!identity.ok) return identity;
  const groups = readGroups(config.value, inFolder);
  if (!groups.ok) return groups;
  const channel = readChannelCertificates(config.value, identity.value, inFolder);
  if (!channel.ok) return channel;
  return success({
    configPath: resolve(configPath),
    folder,
    config: config.value,
    identity: identity.value,
    channel: channel.value,
    groups: groups.value,
  });
}

function readGroups(config: NodeConfig, inFolder: (path: string) => string): Result<GroupFiles[]> {
  const folder = inFolder(config.groupConfigPath);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => /^group\.\d{1,5}\.genesis$/.test(name));
  } catch (error) {
    return failure(`the folder ${folder} ([group] group_config_path) cannot be read: ${reasonOf(error)}`);
  }
  if (names.length === 0) {
    return failure(`no group.<id>.genesis in ${folder}: a node needs at least one group; copy it from another node`);
  }
  if (names.length > GROUPS_MAX)
    return failure(`${names.length} groups in ${folder}; at most ${GROUPS_MAX} are served`);
  const groups: GroupFiles[] = [];
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    const text = readText(path, 'the genesis of a group', 'copy it from another node of the group');
    if (!text.ok) return text;
    const genesis = readGroupGenesis(text.value, path);
    if (!genesis.ok) return failure(describeProblems(genesis.reason));
    const { groupId } = genesis.value.genesis;
    if (name !== `group.${groupId}.genesis`)
      return failure(`${path}: [group] id=${groupId} does not fit the file's name`);
    const tuningPath = join(folder, `group.${groupId}.ini`);
    const tuningText = readText(tuningPath, 'the settings of a group', '');
    const tuning = readGroupTuning(tuningText.ok ? tuningText.value : undefined, tuningPath);
    if (!tuning.ok) return failure(describeProblems(tuning.reason));
    const dataPath = inFolder(join(config.groupDataPath, `group${groupId}`, 'block'));
    groups.push({ ...genesis.value, tuning: tuning.value, dataPath });
  }
  return success(groups.toSorted((a, b) => a.genesis.groupId - b.genesis.groupId));
}
