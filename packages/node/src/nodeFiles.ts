import { success, type Result } from '@menglian/base/result';
import { readChannelCertificates, type ChannelFiles } from './channelCertificates.js';
import { readConfigFile } from './config/configFile.js';
import type { NodeConfig } from './config/nodeConfig.js';
import { readGroups, type GroupFiles } from './groups/groupFiles.js';
import { readIdentity, type NodeIdentity } from './nodeIdentity.js';

/** Everything a node reads before it starts. */
export interface NodeFiles {
  /** of `config.ini` */
  readonly configPath: string;
  readonly folder: string;
  readonly config: NodeConfig;
  readonly identity: NodeIdentity;
  readonly channel: ChannelFiles;
  /** those that are to run */
  readonly groups: readonly GroupFiles[];
}

/**
 * Reads the configuration, key, certificates and groups of a node.
 * @param configPath path of config.ini; other paths in it are relative to its folder
 * @returns sentences for the operator when something cannot stand
 */
export function readNodeFiles(configPath: string): Result<NodeFiles> {
  const file = readConfigFile(configPath);
  if (!file.ok) return file;
  const { config, path, folder, inFolder } = file.value;
  const identity = readIdentity(config, inFolder);
  if (!identity.ok) return identity;
  const groups = readGroups(config, inFolder);
  if (!groups.ok) return groups;
  const channel = readChannelCertificates(config, identity.value, inFolder);
  if (!channel.ok) return channel;
  return success({
    configPath: path,
    folder,
    config,
    identity: identity.value,
    channel: channel.value,
    groups: groups.value,
  });
}
