import type { BenchChain } from '../chain/benchChain.js';
import { Load, type LoadResult } from '../load/load.js';
import { prepareLoad, type PreparedTransaction } from '../load/preparedLoad.js';
import { progress } from '../measure/progress.js';
import { DAG_TRANSFER_WORKLOAD } from '../workloads/dagTransfer.js';
import type { PlannedCall, WorkloadContext } from '../workloads/workload.js';
import { settled } from './blockClock.js';

export interface FaultOptions {
  readonly nodes: number;
  /** as `-c` of the chain builder takes it */
  readonly consensus: string;
  readonly sm: boolean;
  /** of each measurement of throughput */
  readonly transactions: number;
  readonly users: number;
  readonly batchSize: number;
  readonly uncommittedMax: number;
  readonly ports: string;
  /** how often each thing is measured */
  readonly rounds: number;
  readonly outageSeconds: number;
  /** names of what to measure; everything if undefined */
  readonly measurements: readonly string[] | undefined;
}

/** A chain under measurement. */
export class FaultBench {
  readonly chain: BenchChain;
  readonly options: FaultOptions;
  #callOf: (index: number) => PlannedCall = () => {
    throw new Error('prepare first');
  };
  #next = 0;

  constructor(chain: BenchChain, options: FaultOptions) {
    this.chain = chain;
    this.options = options;
  }

  /** Makes the accounts. */
  async prepare(): Promise<void> {
    const { chain, options } = this;
    const { suite, account } = chain;
    const run: WorkloadContext['run'] = async (step, count, callOf) => {
      const calls = Array.from({ length: count }, (_, index) => callOf(index));
      await this.#load(step, [...chain.sign(calls, 0)], chain.indexes);
    };
    this.#callOf = await DAG_TRANSFER_WORKLOAD.prepare({
      suite,
      client: chain.clients[0]!,
      senders: [account.address],
      users: options.users,
      run,
    });
    // The first transactions run in code that is not compiled yet.
    await this.throughput('warming up', chain.indexes);
  }

  /** The next transfers, signed. */
  async transfers(count: number, askedIndex: number): Promise<PreparedTransaction[]> {
    const calls = Array.from({ length: count }, () => this.#callOf(this.#next++));
    return [...this.chain.sign(calls, await this.chain.clients[askedIndex]!.getBlockNumber())];
  }

  /** Sends transfers to these nodes. @returns transactions a second */
  async throughput(what: string, indexes: readonly number[]): Promise<number> {
    const transfers = await this.transfers(this.options.transactions, indexes[0]!);
    const { committed, elapsedMs } = await this.#load(what, transfers, indexes);
    if (committed !== transfers.length) throw new Error(`${what}: ${committed} of ${transfers.length} were committed`);
    await settled(this.chain, indexes);
    return (committed * 1000) / elapsedMs;
  }

  others(index: number): number[] {
    return this.chain.indexes.filter((one) => one !== index);
  }

  /** Starts a node that was away, and waits until it is like the others. */
  async restart(index: number): Promise<void> {
    this.chain.startNode(index);
    await this.chain.linked();
    await settled(this.chain, this.chain.indexes);
  }

  async #load(
    what: string,
    transactions: readonly PreparedTransaction[],
    indexes: readonly number[],
  ): Promise<LoadResult> {
    const { batchSize, uncommittedMax } = this.options;
    const { groupId, urls } = this.chain;
    const load = new Load(
      indexes.map((index) => urls[index]!),
      { groupId, uncommittedMax },
    );
    const height = await this.chain.clients[indexes[0]!]!.getBlockNumber();
    return load.run(prepareLoad(transactions, { groupId, batchSize }), height, progress(what));
  }
}
