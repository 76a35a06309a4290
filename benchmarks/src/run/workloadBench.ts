import type { Account } from '@menglian/sdk/account/account';
import type { BenchChain } from '../chain/benchChain.js';
import { Load, type LoadResult } from '../load/load.js';
import { runOneAtATime } from '../load/oneAtATime.js';
import { prepareLoad, type PreparedLoad } from '../load/preparedLoad.js';
import { checkReceipts } from '../load/receiptCheck.js';
import { summarizeLatencies } from '../measure/percentiles.js';
import { cpuMicroseconds, residentBytes } from '../measure/processStats.js';
import { progress, type ProgressTexts } from '../measure/progress.js';
import { threadGrowth, threadMicroseconds } from '../measure/threadStats.js';
import type { NodeProfiler } from '../profile/nodeProfiler.js';
import { splitByStage } from '../profile/readProfile.js';
import type { PlannedCall, Workload } from '../workloads/workload.js';
import type { LoadRunOptions } from './loadOptions.js';
import type { RunFigures } from './loadReport.js';

/** At a fixed rate a batch holds what arrives in this time, so that latencies are not those of filling a batch. */
const RATE_BATCH_MS = 10;

/** Preparations are signed and sent so many at a time: transactions expire after some hundred blocks. */
const SLICE = 50_000;

/** One workload on one chain: prepares it once and measures loads on it. */
export class WorkloadBench {
  readonly #chain: BenchChain;
  readonly #workload: Workload;
  readonly #options: LoadRunOptions;
  readonly #texts: ProgressTexts;
  #callOf: (index: number) => PlannedCall = () => {
    throw new Error('prepare first');
  };
  #next = 0;

  constructor(chain: BenchChain, workload: Workload, options: LoadRunOptions, texts: ProgressTexts) {
    this.#chain = chain;
    this.#workload = workload;
    this.#options = options;
    this.#texts = texts;
  }

  /** Makes the accounts and lets the nodes run for a while. */
  async prepare(): Promise<void> {
    const { suite, accounts } = this.#chain;
    this.#callOf = await this.#workload.prepare({
      suite,
      client: this.#chain.clients[0]!,
      senders: accounts.map(({ address }) => address),
      users: this.#options.users,
      run: async (step, count, callOf) => {
        for (let from = 0; from < count; from += SLICE)
          await this.#prepareSlice(this.#texts[step], from, Math.min(SLICE, count - from), callOf);
      },
    });
    if (this.#options.warmUp > 0) {
      const what = this.#texts.warmingUp;
      await this.#send(await this.#signNext(this.#options.warmUp, undefined), undefined, what);
    }
  }

  async #prepareSlice(
    what: string,
    from: number,
    count: number,
    callOf: (index: number) => PlannedCall,
  ): Promise<void> {
    const prepared = await this.#sign(callsOf(callOf, from, count), count, [this.#chain.account]);
    const { committed, refusals } = await this.#send(prepared, undefined, what);
    if (committed !== count)
      throw new Error(`${what}: ${committed} of ${count} were committed ${JSON.stringify(refusals)}`);
  }

  /** @param ratePerSecond arrivals a second; undefined sends as fast as the chain takes @param profiler samples the load */
  async measure(transactions: number, ratePerSecond: number | undefined, profiler?: NodeProfiler): Promise<RunFigures> {
    const { pids, groupId, urls } = this.#chain;
    const prepared = await this.#signNext(transactions, ratePerSecond);
    await profiler?.begin(pids);
    const cpuBefore = cpuMicroseconds(pids);
    const threadsBefore = threadMicroseconds(pids);
    const generatorBefore = process.cpuUsage();
    const result =
      this.#workload.isOneAtATime === true
        ? await runOneAtATime(urls, groupId, prepared, progress(this.#workload.name, this.#texts))
        : await this.#send(prepared, ratePerSecond, this.#workload.name);
    const { user, system } = process.cpuUsage(generatorBefore);
    const each = (total: number) => Math.round((10 * total) / Math.max(1, result.committed)) / 10;
    const threads = threadGrowth(threadsBefore, threadMicroseconds(pids));
    const cpuUsed = cpuMicroseconds(pids) - cpuBefore;
    const threadMicrosPerTx = Object.fromEntries(Object.entries(threads).map(([kind, total]) => [kind, each(total)]));
    const stages = await profiler?.end(pids);
    return {
      transactions: result.committed,
      refused: result.refused,
      refusals: result.refusals,
      lost: transactions - result.committed - result.refused,
      blocks: result.blocks,
      elapsedMs: Math.round(result.elapsedMs),
      tps: Math.round((result.committed * 10_000) / Math.max(1, result.elapsedMs)) / 10,
      latencyMs: summarizeLatencies(result.latenciesMs),
      cpuMicrosPerTx: each(cpuUsed),
      threadMicrosPerTx,
      ...(stages === undefined ? {} : { stageMicrosPerTx: splitByStage(threadMicrosPerTx, stages) }),
      generatorMicrosPerTx: each(user + system),
      residentBytes: residentBytes(pids),
      receipts: await checkReceipts(urls[0]!, groupId, [...prepared.indexes.keys()]),
      ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    };
  }

  async #signNext(count: number, ratePerSecond: number | undefined): Promise<PreparedLoad> {
    const from = this.#next;
    this.#next += count;
    const batchSize = this.#batchSize(ratePerSecond);
    return this.#sign(callsOf(this.#callOf, from, count), count, this.#chain.accounts, batchSize);
  }

  /** @param count of the calls @param signers take turns */
  async #sign(
    calls: Iterable<PlannedCall>,
    count: number,
    signers: readonly Account[],
    batchSize = this.#options.batchSize,
  ): Promise<PreparedLoad> {
    const height = await this.#chain.clients[0]!.getBlockNumber();
    const signed = this.#chain.sign(calls, height, signers);
    const onProgress = progress(this.#texts.signing, this.#texts);
    return prepareLoad(counted(signed, onProgress, count), { groupId: this.#chain.groupId, batchSize });
  }

  #batchSize(ratePerSecond: number | undefined): number {
    if (this.#workload.isOneAtATime === true) return 1;
    const { batchSize } = this.#options;
    if (ratePerSecond === undefined) return batchSize;
    return Math.min(batchSize, Math.max(1, Math.round((ratePerSecond * RATE_BATCH_MS) / 1000)));
  }

  async #send(prepared: PreparedLoad, ratePerSecond: number | undefined, what: string): Promise<LoadResult> {
    const { urls, groupId } = this.#chain;
    const load = new Load(urls, { groupId, uncommittedMax: this.#options.uncommittedMax, ratePerSecond });
    return load.run(prepared, await this.#chain.clients[0]!.getBlockNumber(), progress(what, this.#texts));
  }
}

function* callsOf(callOf: (index: number) => PlannedCall, from: number, count: number): Generator<PlannedCall> {
  for (let index = from; index < from + count; index++) yield callOf(index);
}

function* counted<T>(items: Iterable<T>, onItem: (done: number, total: number) => void, total: number): Generator<T> {
  let done = 0;
  for (const item of items) {
    yield item;
    onItem(++done, total);
  }
}
