import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildChain } from '@menglian/cli/chain/buildChain';
import { NodeProcess } from '@menglian/cli/start/clusterProcesses';
import { areLinked } from '@menglian/cli/start/linkedNodes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Account, randomAccount } from '@menglian/sdk/account/account';
import { Client } from '@menglian/sdk/client';
import { hexOf } from '@menglian/sdk/hex';
import { httpTransport } from '@menglian/sdk/http';
import { PLATFORM_PORTS } from '@menglian/sdk/ports';
import { transactionFields } from '@menglian/sdk/transaction/fields';
import type { PreparedTransaction } from '../load/preparedLoad.js';
import type { PlannedCall } from '../workloads/workload.js';

export interface BenchChainOptions {
  readonly nodes: number;
  /** as `-c` of the chain builder takes it */
  readonly consensus: string;
  /** a chain with SM algorithms, once the chain builder makes them */
  readonly sm: boolean;
  /** first of the ports, as `menglian chain build -p` takes them */
  readonly ports: string;
  /** how many accounts sign what is measured (1) */
  readonly senders?: number;
  /** variables for all nodes besides those of this process */
  readonly environment?: NodeJS.ProcessEnv;
}

const HOST = '127.0.0.1';
const CHAIN = { chainId: 1, groupId: 1 };
const READY_TIMEOUT_MS = 60_000;

/** A busy node answers late. */
const ANSWER_TIMEOUT_MS = 60_000;

/** How often a receipt is asked for. */
const POLL_MS = 50;

/** Blocks a transaction may wait: below the 1,000 that nodes accept, so that a load of many small blocks does not outlive it. */
const BLOCK_LIMIT_AHEAD = 950;

/** As shells have it: 128 and the number of SIGINT. */
const INTERRUPTED_EXIT_CODE = 130;

/** A fresh chain of real processes in a temporary folder, and an account that signs for it. Always `stop` it. */
export class BenchChain {
  readonly nodes: NodeProcess[] = [];
  /** of each node, for the first group */
  readonly clients: readonly Client[];
  readonly urls: readonly string[];
  readonly suite: CryptoSuite;
  /** at least one */
  readonly accounts: readonly Account[];
  readonly groupId = CHAIN.groupId;
  readonly #folder: string;
  readonly #configPaths: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(
    folder: string,
    configPaths: readonly string[],
    suite: CryptoSuite,
    accounts: readonly Account[],
    { ports, environment = {} }: BenchChainOptions,
  ) {
    const rpcPort = Number(ports.split(',')[2]);
    this.#folder = folder;
    this.#configPaths = configPaths;
    this.#environment = environment;
    this.urls = configPaths.map((_, index) => `http://${HOST}:${rpcPort + index}`);
    this.suite = suite;
    this.accounts = accounts;
    this.clients = this.clientsOf(CHAIN.groupId);
  }

  /** Work on a fresh chain, which is gone afterwards. Where it fails, what nodes said that have ended by themselves is shown. */
  static async use<T>(options: BenchChainOptions, work: (chain: BenchChain) => Promise<T>): Promise<T> {
    const chain = await BenchChain.#start(options);
    try {
      return await work(chain);
    } catch (error) {
      process.stderr.write(chain.#complaints());
      throw error;
    } finally {
      await chain.stop();
    }
  }

  static async #start(options: BenchChainOptions): Promise<BenchChain> {
    const { nodes, consensus, ports, sm } = options;
    const folder = mkdtempSync(join(tmpdir(), 'menglian-bench-'));
    const output = join(folder, 'nodes');
    const built = await buildChain({ hosts: `${HOST}:${nodes}`, output, ports, consensus, ...(sm ? { sm } : {}) });
    if (!built.ok) {
      rmSync(folder, { recursive: true, force: true });
      throw new Error(built.reason.message.en);
    }
    const suite = await loadSuite(sm ? 'sm' : 'ecdsa');
    const accounts = await Promise.all(Array.from({ length: options.senders ?? 1 }, () => randomAccount(suite.name)));
    const chain: BenchChain = new BenchChain(folder, built.value.configPaths, suite, accounts, options);
    process.once('SIGINT', chain.#onInterrupt).once('SIGTERM', chain.#onInterrupt);
    for (const index of chain.indexes) chain.startNode(index);
    await chain.linked().catch(async (error: unknown) => {
      await chain.stop();
      throw error;
    });
    return chain;
  }

  get indexes(): readonly number[] {
    return [...this.#configPaths.keys()];
  }

  get pids(): number[] {
    return this.nodes.map(({ pid }) => pid!);
  }

  /** Whoever deploys and prepares. */
  get account(): Account {
    return this.accounts[0]!;
  }

  /** Of each node, for one of its groups: asks no other, and signs with the first account. */
  clientsOf(groupId: number): Client[] {
    return this.urls.map((url) => {
      const transport = httpTransport(url, { timeoutMs: ANSWER_TIMEOUT_MS });
      return new Client(this.suite, { ...CHAIN, groupId, transport, account: this.account, pollMs: POLL_MS });
    });
  }

  /** Where each node keeps everything. */
  get folders(): string[] {
    return this.#configPaths.map((path) => dirname(path));
  }

  /** @param environment variables for it besides those of this process */
  startNode(index: number, environment: NodeJS.ProcessEnv = {}): void {
    this.nodes[index] = new NodeProcess(this.#configPaths[index]!, {
      environment: { ...this.#environment, ...environment },
    });
  }

  /** Waits until these nodes serve clients and are linked with each other. */
  async linked(indexes = this.indexes): Promise<void> {
    const clients = indexes.map((index) => this.clients[index]!);
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!(await areLinked(clients, indexes.length - 1))) {
      const ended = indexes.map((index) => this.nodes[index]!).find((node) => !node.isRunning);
      if (ended !== undefined) throw new Error(`a node ended:\n${ended.tail()}`);
      if (performance.now() > deadline) throw new Error('the nodes did not find each other');
      await sleep(100);
    }
  }

  /** Signs calls one by one as they are asked for. @param signers take turns */
  *sign(
    calls: Iterable<PlannedCall>,
    blockNumber: number,
    signers: readonly Account[] = [this.account],
    groupId: number = CHAIN.groupId,
  ): Generator<PreparedTransaction> {
    const blockLimit = blockNumber + BLOCK_LIMIT_AHEAD;
    let index = 0;
    for (const { to, data } of calls) {
      const fields = transactionFields({ ...CHAIN, groupId, blockLimit, to, data }, PLATFORM_PORTS);
      const signed = signers[index++ % signers.length]!.signTransaction(fields);
      yield { raw: hexOf(signed.raw), hash: hexOf(signed.hash) };
    }
  }

  #complaints(): string {
    const ended = this.nodes.filter((node) => !node.isRunning);
    return ended.map((node) => `${node.configPath} ended:\n${node.tail()}\n`).join('');
  }

  /** Ctrl-C ends the nodes and removes their folder, too. */
  readonly #onInterrupt = (): void => {
    void this.stop().finally(() => process.exit(INTERRUPTED_EXIT_CODE));
  };

  async stop(): Promise<void> {
    process.removeListener('SIGINT', this.#onInterrupt).removeListener('SIGTERM', this.#onInterrupt);
    for (const { pid, isRunning } of this.nodes) if (isRunning) process.kill(pid!, 'SIGCONT');
    await Promise.all(this.nodes.map((node) => node.stop()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
