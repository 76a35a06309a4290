import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import { buildChain } from '@menglian/cli/chain/buildChain';
import { NodeProcess } from '@menglian/cli/start/clusterProcesses';
import { freePorts, until } from '../e2e/cluster.js';
import { editFile } from '../e2e/nodeRuns.js';
import { ConformanceClient } from './conformanceClient.js';
import { tlsOptions, type TLS_PROFILES } from './tlsProfiles.js';
import { RpcAnswerError, RpcClient } from '../e2e/rpcClient.js';
import { IS_SM } from '../e2e/suite.js';

const HOST = '127.0.0.1';

export interface ChannelChainOptions {
  /** one organization for each node, in order */
  readonly agencies?: readonly string[];
  /** as -R of the chain builder: the channel uses certificates of the chain instead of RSA ones */
  readonly chainCertificates?: boolean;
  /** applied to `conf/group.1.ini` of every node before it starts */
  readonly editGroup?: (text: string) => string;
  /** so many of the first nodes seal in group 1, the others do not belong to it; all if not said */
  readonly sealers?: number;
}

/** A chain of real processes whose SDK ports the test knows. Always `stop` it. */
export class ChannelChain {
  readonly sdkFolder: string;
  /** authorities of the chain and of its agencies, with their keys */
  readonly authorityFolder: string;
  readonly #folder: string;
  readonly #firstPort: number;
  readonly #count: number;
  readonly #running = new Map<number, NodeProcess>();

  private constructor(folder: string, firstPort: number, count: number) {
    this.#folder = folder;
    this.#firstPort = firstPort;
    this.#count = count;
    this.sdkFolder = join(folder, 'nodes', HOST, 'sdk');
    this.authorityFolder = join(folder, 'nodes', 'cert');
  }

  /** Builds the chain; no node runs yet. */
  static async build(options: ChannelChainOptions = {}): Promise<ChannelChain> {
    const agencies = options.agencies ?? ['agency'];
    const folder = mkdtempSync(join(tmpdir(), 'menglian-channel-'));
    const count = agencies.length;
    const first = await freePorts(3 * count);
    const file = join(folder, 'hosts');
    writeFileSync(file, agencies.map((agency) => `${HOST}:1 ${agency} 1\n`).join(''));
    const built = await buildChain({
      file,
      output: join(folder, 'nodes'),
      ports: `${first},${first + count},${first + 2 * count}`,
      chainCertificatesOnChannel: options.chainCertificates === true,
      sm: IS_SM,
    });
    if (!built.ok) throw new Error(built.reason.message.en);
    const chain = new ChannelChain(folder, first, count);
    const { editGroup = (text) => text, sealers = count } = options;
    for (const index of agencies.keys()) {
      editFile(chain.groupPath(index), editGroup);
      editFile(chain.groupPath(index).replace(/ini$/, 'genesis'), (text) =>
        text.replace(/^\s*node\.(\d+)=.*\n/gm, (line, number) => (Number(number) < sealers ? line : '')),
      );
    }
    return chain;
  }

  configPath(index = 0): string {
    return join(this.#folder, 'nodes', HOST, `node${index}`, 'config.ini');
  }

  /** of the settings of group 1 at a node */
  groupPath(index = 0): string {
    return join(dirname(this.configPath(index)), 'conf', 'group.1.ini');
  }

  /** of the SDK port */
  port(index = 0): number {
    return this.#firstPort + this.#count + index;
  }

  /** JSON-RPC over HTTP */
  http(index = 0): RpcClient {
    return new RpcClient(`http://${HOST}:${this.#firstPort + 2 * this.#count + index}`);
  }

  node(index = 0): NodeProcess {
    return this.#running.get(index)!;
  }

  /** Starts nodes and waits until both of their ports for clients answer. */
  async start(...indexes: readonly number[]): Promise<void> {
    for (const index of indexes) this.#running.set(index, new NodeProcess(this.configPath(index)));
    for (const index of indexes) {
      await until(async () => {
        if (!this.node(index).isRunning) throw new Error(`node ${index} ended:\n${this.node(index).tail()}`);
        const isReady = await this.http(index).call('getBlockNumber', 1).then(Boolean, isNoMember);
        return isReady && (await listens(this.port(index)));
      }, `node ${index} answers over HTTP and listens for SDKs`);
    }
  }

  /** A client with the certificate of the chain's SDK folder. */
  async connect(profile: keyof typeof TLS_PROFILES = 'java', index = 0): Promise<ConformanceClient> {
    return ConformanceClient.connect(tlsOptions(this.port(index), this.sdkFolder, profile));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((node) => node.stop()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Whether a node does not answer because it does not belong to the group: it answers, then. */
function isNoMember(error: unknown): boolean {
  return error instanceof RpcAnswerError && error.code === -40_009;
}

/** Whether somebody accepts connections and speaks, or refuses, TLS. */
async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port, rejectUnauthorized: false });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
    socket.once('secureConnect', () => socket.end());
    socket.once('close', () => resolve(true));
  });
}
