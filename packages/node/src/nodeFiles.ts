import { dirname, isAbsolute, join, resolve } from 'node:path';
import { failure, success, type Result } from '@menglian/base/result';
import { readChannelCertificates, type ChannelFiles } from './channelCertificates.js';
import { describeProblems } from './config/ini.js';
import { readNodeConfig, type NodeConfig } from './config/nodeConfig.js';
import { readGroups, type GroupFiles } from './groups/groupFiles.js';
import { readIdentity, type NodeIdentity } from './nodeIdentity.js';
import { readText } from './readText.js';

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
