import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { failure, success, type Result } from '@menglian/base/result';
import type { SuiteName } from '@menglian/crypto/suite';
import { readNodeConfig } from '@menglian/node/config/nodeConfig';
import { DEFAULT_PORTS } from '../chain/chainOptions.js';
import type { Localized } from '../language.js';

/** What `npm start -- …` may say: for tests, and for people whose default ports are taken. */
export interface StartOptions {
  /** absolute path */
  readonly folder: string;
  /** first ports of a chain that is made now, unchecked; one that exists has its own */
  readonly ports: string;
  /** of a chain that is made now; one that exists has its own */
  readonly suite: SuiteName;
  /** of a chain that is made now, unchecked; one that exists has its own. Undefined where nobody asked for a number */
  readonly groups: string | undefined;
}

/** @param args the command line without program and script */
export function readStartOptions(args: readonly string[]): Result<StartOptions, Localized> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        folder: { type: 'string' },
        ports: { type: 'string' },
        sm: { type: 'boolean' },
        groups: { type: 'string' },
        lang: { type: 'string' },
      },
    });
    const suite: SuiteName = values.sm === true ? 'sm' : 'ecdsa';
    return success({
      folder: resolve(values.folder ?? (suite === 'sm' ? '.menglian-sm' : '.menglian')),
      ports: values.ports ?? DEFAULT_PORTS,
      suite,
      groups: values.groups,
    });
  } catch (error) {
    const found = error instanceof Error ? error.message.split('.')[0] : '';
    const usage = 'npm start -- [--folder DIR] [--ports P2P,CHANNEL,RPC] [--sm] [--groups N] [--lang en|zh]';
    return failure({ en: `${found}\nusage: ${usage}`, zh: `${found}\n用法：${usage}` });
  }
}

/** Where one node of an existing chain is reached. */
export interface NodePlace {
  readonly configPath: string;
  readonly p2pPort: number;
  readonly rpcPort: number;
  /** of the TLS channel */
  readonly channelPort: number;
  readonly suite: SuiteName;
}

/** Reads the places of nodes from their own configuration, which people may have changed since. */
export function readPlaces(hostFolder: string, nodeCount: number): Result<NodePlace[], Localized> {
  const places: NodePlace[] = [];
  for (let index = 0; index < nodeCount; index++) {
    const configPath = join(hostFolder, `node${index}`, 'config.ini');
    let text: string;
    try {
      text = readFileSync(configPath, 'utf8');
    } catch {
      return failure({
        en: `${configPath} cannot be read; remove the folder of the chain to make a new one`,
        zh: `无法读取 ${configPath}；如需新建链，请删除该链的目录`,
      });
    }
    const config = readNodeConfig(text, configPath);
    // What is wrong with it the node itself tells best.
    const [rpcPort, channelPort, p2pPort] = config.ok
      ? [config.value.rpc.port, config.value.channel.port, config.value.p2p.port]
      : [0, 0, 0];
    places.push({ configPath, rpcPort, channelPort, p2pPort, suite: config.ok ? config.value.suite : 'ecdsa' });
  }
  return success(places);
}
