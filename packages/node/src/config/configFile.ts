import { dirname, isAbsolute, join, resolve } from 'node:path';
import { failure, success, type Result } from '@menglian/base/result';
import { readText } from '../readText.js';
import { describeProblems } from './ini.js';
import { readNodeConfig, type NodeConfig } from './nodeConfig.js';

/** A `config.ini`, and where what it names is. */
export interface ConfigFile {
  readonly config: NodeConfig;
  /** absolute, of the file itself */
  readonly path: string;
  readonly folder: string;
  /** Paths in the configuration are relative to its folder. */
  readonly inFolder: (path: string) => string;
}

/** @returns sentences for the operator when it cannot be read, or what it says cannot stand */
export function readConfigFile(configPath: string): Result<ConfigFile> {
  const text = readText(configPath, 'the configuration of the node', 'name the right file with --config');
  if (!text.ok) return text;
  const config = readNodeConfig(text.value, configPath);
  if (!config.ok) return failure(describeProblems(config.reason));
  const path = resolve(configPath);
  const folder = dirname(path);
  const inFolder = (name: string) => (isAbsolute(name) ? name : join(folder, name));
  return success({ config: config.value, path, folder, inFolder });
}
