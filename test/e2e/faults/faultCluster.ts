import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Cluster, until } from '../cluster.js';
import { configuredPort, editFile } from '../nodeRuns.js';
import type { FaultyNetwork } from './faultyNetwork.js';
import { Links } from './links.js';
import { Namespaces } from './namespaces.js';
import type { RpcClient } from '../rpcClient.js';
import { gm } from '../suite.js';

const preload = (name: string) => `--import ${pathToFileURL(join(import.meta.dirname, 'preloads', name)).href}`;
const clockFile = (folder: string) => join(folder, 'clock-shift');

/** Where nodes with an address of their own listen for each other. */
const P2P_PORT = 30_300;

function clockEnvironment(folder: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: preload('clock.mjs'), MENGLIAN_TEST_CLOCK_FILE: clockFile(folder) };
}

function foldersOf(cluster: Cluster): string[] {
  return cluster.clients.map((_, index) => dirname(cluster.configPath(index)));
}

export function nodeIdOf(folder: string): string {
  return readFileSync(join(folder, 'conf', gm('node.nodeid')), 'utf8').trim();
}

/** The members of `getConsensusStatus` that tell who leads. */
interface StatusAnswer {
  readonly consensusedBlockNumber: number;
  readonly currentView: number;
  readonly leaderId?: string;
  readonly leaderFailed: boolean;
  readonly nodeNum: number;
  readonly [member: `sealer.${number}`]: string;
}

/** A cluster whose links can be cut, whose nodes can be killed and stopped, and whose clocks can jump. */
export class FaultCluster {
  readonly cluster: Cluster;
  readonly network: FaultyNetwork;
  readonly nodeIds: readonly string[];
  readonly indexes: readonly number[];

  private constructor(cluster: Cluster, network: FaultyNetwork, nodeIds: readonly string[]) {
    this.cluster = cluster;
    this.network = network;
    this.nodeIds = nodeIds;
    this.indexes = [...nodeIds.keys()];
  }

  /** Builds a chain and starts its nodes; links go through proxies of the test. Always `stop` it. */
  static async start(count: number, consensus: string): Promise<FaultCluster> {
    const cluster = await Cluster.build(count, { consensus, environment: clockEnvironment });
    const network = await Links.open(foldersOf(cluster).map((folder) => configuredPort(folder, 'listen_port')));
    return FaultCluster.#startOn(cluster, network);
  }

  /** The same with a network of the kernel for each node, where there can be one (`Namespaces.areAvailable`). */
  static async startInNamespaces(count: number, consensus: string): Promise<FaultCluster> {
    const network = Namespaces.open(count, P2P_PORT);
    const cluster = await Cluster.build(count, {
      consensus,
      environment: clockEnvironment,
      launcher: (index) => network.launcher(index),
      host: (index) => network.host(index),
    });
    for (const folder of foldersOf(cluster)) {
      editFile(join(folder, 'config.ini'), (text) =>
        text
          .replace(/(\[p2p\][^[]*?\blisten_port=)\d+/, `$1${P2P_PORT}`)
          .replace('jsonrpc_listen_ip=127.0.0.1', 'jsonrpc_listen_ip=0.0.0.0'),
      );
    }
    return FaultCluster.#startOn(cluster, network);
  }

  /** Each node finds the others through the network. */
  static async #startOn(cluster: Cluster, network: FaultyNetwork): Promise<FaultCluster> {
    const folders = foldersOf(cluster);
    for (const [index, folder] of folders.entries()) {
      editFile(join(folder, 'config.ini'), (text) =>
        text.replaceAll(/^\s*node\.(\d+)=127\.0\.0\.1:\d+\n/gm, (_, digits: string) => {
          const peer = Number(digits);
          return peer === index ? '' : `    node.${peer}=${network.peerAddress(index, peer)}\n`;
        }),
      );
    }
    const faults = new FaultCluster(cluster, network, folders.map(nodeIdOf));
    try {
      cluster.startAll();
      await cluster.linked(folders.length - 1);
      return faults;
    } catch (error) {
      await faults.stop();
      throw error;
    }
  }

  client(index: number): RpcClient {
    return this.cluster.clients[index]!;
  }

  async kill(index: number): Promise<void> {
    await this.cluster.nodes[index]!.kill();
  }

  restart(index: number): void {
    this.cluster.start(index);
  }

  /** The process stands still, as a virtual machine that is moved: its connections stay. */
  pause(index: number): void {
    process.kill(this.cluster.nodes[index]!.pid!, 'SIGSTOP');
  }

  resume(index: number): void {
    process.kill(this.cluster.nodes[index]!.pid!, 'SIGCONT');
  }

  setClock(index: number, shiftMs: number): void {
    writeFileSync(clockFile(dirname(this.cluster.configPath(index))), String(shiftMs));
  }

  /** The node that leads the next block, as this node sees it; in the middle of an election it waits for one. */
  async leader(askedIndex = 0): Promise<number> {
    let leader = -1;
    const isKnown = async (): Promise<boolean> => {
      const [status] = (await this.client(askedIndex).call('getConsensusStatus', 1)) as [StatusAnswer];
      const { leaderId, consensusedBlockNumber, currentView, nodeNum } = status;
      leader = this.nodeIds.indexOf(leaderId ?? status[`sealer.${(consensusedBlockNumber + currentView) % nodeNum}`]!);
      return leader >= 0;
    };
    await until(isKnown, `node ${askedIndex} knows a leader`);
    return leader;
  }

  /** Waits until each of these nodes has stored so many blocks more than the highest of them has now. */
  async advanced(blocks: number, indexes = this.indexes, timeoutMs = 60_000): Promise<void> {
    const heights = await Promise.all(indexes.map((index) => this.height(index)));
    const wanted = Math.max(...heights) + blocks;
    let found: number[] = [];
    const areStored = async () => {
      found = await Promise.all(indexes.map((index) => this.height(index)));
      return found.every((height) => height >= wanted);
    };
    await until(areStored, `nodes ${indexes.join(', ')} store block ${wanted}`, timeoutMs).catch((error: unknown) => {
      throw new Error(`they are at ${found.join(', ')}`, { cause: error });
    });
  }

  /** -1 as long as the node does not answer. */
  async height(index: number): Promise<number> {
    return this.cluster.blockNumber(index).catch(() => -1);
  }

  async stop(): Promise<void> {
    for (const node of this.cluster.nodes) if (node.isRunning) process.kill(node.pid!, 'SIGCONT');
    await this.cluster.stop();
    await this.network.close();
  }
}
