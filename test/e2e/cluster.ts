import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildChain } from '@menglian/cli/chain/buildChain';
import { NodeProcess } from '@menglian/cli/start/clusterProcesses';
import { areLinked } from '@menglian/cli/start/linkedNodes';
import { httpTransport } from '@menglian/sdk/http';
import { GroupMethods } from '@menglian/sdk/rpc/groupMethods';
import { RpcClient } from './rpcClient.js';
import { IS_SM } from './suite.js';

const HOST = '127.0.0.1';

/** Whether nothing listens on this port. */
async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}

/** Below the range that systems give to outgoing connections; each worker of the tests has half of it for itself. */
const PORTS = { first: 12_000, count: 9000 } as const;
const OWN_FIRST_PORT = PORTS.first + PORTS.count * (Number(process.env['VITEST_POOL_ID'] ?? 0) % 2);

/** The first of `count` free ports in a row. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = OWN_FIRST_PORT + Math.floor(Math.random() * (PORTS.count - count));
    const checks = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (checks.every(Boolean)) return first;
  }
}

export interface ClusterOptions {
  /** as `-c` of the chain builder takes it */
  readonly consensus?: string;
  /** of each node's process, besides that of the test */
  readonly environment?: (folder: string) => NodeJS.ProcessEnv;
  /** stands before the command of each node's process */
  readonly launcher?: (index: number) => readonly string[];
  /** addresses at which clients of the test find the nodes; this machine's loopback if not said */
  readonly host?: (index: number) => string;
}

/** A chain of real processes on this machine, in a temporary folder. Always `stop` it. */
export class Cluster {
  readonly folder: string;
  readonly rpcPort: number;
  readonly nodes: NodeProcess[] = [];
  readonly clients: RpcClient[];
  readonly #configPaths: string[];
  readonly #options: ClusterOptions;

  private constructor(folder: string, rpcPort: number, count: number, options: ClusterOptions) {
    this.folder = folder;
    this.#options = options;
    this.rpcPort = rpcPort;
    this.#configPaths = Array.from({ length: count }, (_, index) =>
      join(folder, 'nodes', HOST, `node${index}`, 'config.ini'),
    );
    const hostOf = (index: number) => options.host?.(index) ?? HOST;
    this.clients = this.#configPaths.map((_, index) => new RpcClient(`http://${hostOf(index)}:${rpcPort + index}`));
  }

  /** Builds the chain; no node runs yet. */
  static async build(count: number, options: ClusterOptions = {}): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'menglian-e2e-'));
    const first = await freePorts(3 * count);
    const ports = `${first},${first + count},${first + 2 * count}`;
    const { consensus } = options;
    const hosts = `${HOST}:${count}`;
    const output = join(folder, 'nodes');
    const built = await buildChain({ hosts, output, ports, sm: IS_SM, ...(consensus && { consensus }) });
    if (!built.ok) throw new Error(built.reason.message.en);
    return new Cluster(folder, first + 2 * count, count, options);
  }

  configPath(index: number): string {
    return this.#configPaths[index]!;
  }

  start(index: number): NodeProcess {
    const configPath = this.configPath(index);
    const { environment, launcher } = this.#options;
    const node = new NodeProcess(configPath, {
      environment: environment?.(dirname(configPath)) ?? {},
      launcher: launcher?.(index) ?? [],
    });
    this.nodes[index] = node;
    return node;
  }

  startAll(): void {
    for (let index = 0; index < this.#configPaths.length; index++) this.start(index);
  }

  /** Waits until each of the running nodes is linked with `peerCount` others. */
  async linked(peerCount: number, indexes = this.clients.map((_, index) => index)): Promise<void> {
    const nodes = indexes.map((index) => new GroupMethods(httpTransport(this.clients[index]!.url), 1));
    await until(async () => {
      const ended = indexes.map((index) => this.nodes[index]).find((node) => node?.isRunning === false);
      if (ended !== undefined) throw new Error(`a node ended:\n${ended.tail()}`);
      return areLinked(nodes, peerCount);
    }, 'the nodes are linked');
  }

  async blockNumber(index: number): Promise<number> {
    return Number(await this.clients[index]!.call('getBlockNumber', 1));
  }

  /** Waits until all nodes have the same head. @returns its header */
  async agreed(): Promise<{ hash: string; dbHash: string; number: number }> {
    let header: { hash: string; dbHash: string; number: number } | undefined;
    await until(async () => {
      const heights = await Promise.all(this.clients.map(async (_, index) => this.blockNumber(index).catch(() => -1)));
      if (new Set(heights).size !== 1 || heights[0]! < 0) return false;
      const headers = await Promise.all(
        this.clients.map(async (client) => client.call('getBlockHeaderByNumber', 1, String(heights[0]), false)),
      );
      header = headers[0] as typeof header;
      return new Set(headers.map((one) => JSON.stringify(one))).size === 1;
    }, 'all nodes have the same head');
    return header!;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function until(condition: () => Promise<boolean>, what: string, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(50);
  }
}
