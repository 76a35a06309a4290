import { setTimeout as sleep } from 'node:timers/promises';
import { areLinked } from '@menglian/cli/start/linkedNodes';
import type { Client } from '@menglian/sdk/client';
import type { ManagementResult } from '@menglian/sdk/rpc/shapes';
import type { BenchChain } from '../chain/benchChain.js';
import { Load, type LoadOptions, type LoadResult } from '../load/load.js';
import { prepareLoad, type PreparedLoad } from '../load/preparedLoad.js';
import { DAG_TRANSFER_WORKLOAD } from '../workloads/dagTransfer.js';
import type { PlannedCall } from '../workloads/workload.js';

const DONE = '0x0';
const OPEN_TIMEOUT_MS = 60_000;
const POLL_MS = 100;
const PREPARING = { batchSize: 100, uncommittedMax: 20_000 };

/** How transactions of a load are packed. */
export interface LoadShape {
  readonly count: number;
  readonly batchSize: number;
}

/** One group of a chain of real processes: its life, and loads of transfers between users of its own. */
export class BenchGroup {
  readonly groupId: number;
  /** of each node */
  readonly clients: readonly Client[];
  readonly #chain: BenchChain;
  #callOf: (index: number) => PlannedCall = () => {
    throw new Error('prepare first');
  };
  #next = 0;

  constructor(chain: BenchChain, groupId: number) {
    this.groupId = groupId;
    this.clients = chain.clientsOf(groupId);
    this.#chain = chain;
  }

  /** Makes a group with all nodes of the chain as sealers while they run, and waits until it works. */
  static async create(chain: BenchChain, groupId: number): Promise<BenchGroup> {
    const group = new BenchGroup(chain, groupId);
    const sealers = await chain.clients[0]!.getSealerList();
    const plan = { timestampMs: Date.now(), sealers };
    for (const client of group.clients) expectDone(await client.generateGroup(groupId, plan));
    await group.start();
    return group;
  }

  /** Starts it on all nodes, and waits until it works. */
  async start(): Promise<void> {
    for (const client of this.clients) expectDone(await client.startGroup(this.groupId));
    await this.working();
  }

  async stop(): Promise<void> {
    for (const client of this.clients) expectDone(await client.stopGroup(this.groupId));
  }

  /** Waits until every node answers for the group. */
  async working(): Promise<void> {
    const deadline = performance.now() + OPEN_TIMEOUT_MS;
    while (!(await areLinked(this.clients, this.clients.length - 1))) {
      if (performance.now() > deadline) throw new Error(`group ${this.groupId} does not answer on every node`);
      await sleep(POLL_MS);
    }
  }

  /** Opens accounts, and lets the nodes run for a while: a thread that has just started compiles its code. */
  async prepare(users: number, warmUp: number): Promise<void> {
    const { suite, accounts } = this.#chain;
    this.#callOf = await DAG_TRANSFER_WORKLOAD.prepare({
      suite,
      client: this.clients[0]!,
      senders: accounts.map(({ address }) => address),
      users,
      run: async (_, count, callOf) => {
        await this.#runWhole(await this.#sign(callsOf(callOf, 0, count), PREPARING.batchSize));
      },
    });
    if (warmUp > 0) await this.#runWhole(await this.sign({ count: warmUp, batchSize: PREPARING.batchSize }));
  }

  /** Transfers that were never sent before. They expire some hundred blocks later. */
  async sign({ count, batchSize }: LoadShape): Promise<PreparedLoad> {
    const from = this.#next;
    this.#next += count;
    return this.#sign(callsOf(this.#callOf, from, count), batchSize);
  }

  async run(prepared: PreparedLoad, options: Omit<LoadOptions, 'groupId'>): Promise<LoadResult> {
    const load = new Load(this.#chain.urls, { ...options, groupId: this.groupId });
    return load.run(prepared, await this.clients[0]!.getBlockNumber(), () => undefined);
  }

  async #sign(calls: Iterable<PlannedCall>, batchSize: number): Promise<PreparedLoad> {
    const height = await this.clients[0]!.getBlockNumber();
    const signed = this.#chain.sign(calls, height, this.#chain.accounts, this.groupId);
    return prepareLoad(signed, { groupId: this.groupId, batchSize });
  }

  async #runWhole(prepared: PreparedLoad): Promise<void> {
    const { committed, refusals } = await this.run(prepared, { uncommittedMax: PREPARING.uncommittedMax });
    if (committed === prepared.indexes.size) return;
    throw new Error(`${committed} of ${prepared.indexes.size} were committed ${JSON.stringify(refusals)}`);
  }
}

/** The first group, and others made beside it, all ready for loads. */
export async function createGroups(
  chain: BenchChain,
  { groups, users, warmUp }: { readonly groups: number; readonly users: number; readonly warmUp: number },
): Promise<BenchGroup[]> {
  const all = [new BenchGroup(chain, chain.groupId)];
  for (let groupId = chain.groupId + 1; all.length < groups; groupId++) {
    all.push(await BenchGroup.create(chain, groupId));
  }
  for (const group of all) await group.prepare(users, warmUp);
  return all;
}

function expectDone({ code, message }: ManagementResult): void {
  if (code !== DONE) throw new Error(`a node refused with ${code}: ${message}`);
}

function* callsOf(callOf: (index: number) => PlannedCall, from: number, count: number): Generator<PlannedCall> {
  for (let index = from; index < from + count; index++) yield callOf(index);
}
