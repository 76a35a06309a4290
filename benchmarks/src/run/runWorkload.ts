import type { CryptoSuite } from '@menglian/crypto/suite';
import { BenchChain } from '../chain/benchChain.js';
import { Load, type LoadResult } from '../load/load.js';
import { runOneAtATime } from '../load/oneAtATime.js';
import { prepareLoad, type PreparedLoad } from '../load/preparedLoad.js';
import { checkReceipts } from '../load/receiptCheck.js';
import { summarizeLatencies } from '../measure/percentiles.js';
import { cpuMicroseconds, residentBytes } from '../measure/processStats.js';
import { progress, type ProgressTexts } from '../measure/progress.js';
import { NAMED_THREADS, threadGrowth, threadMicroseconds } from '../measure/threadStats.js';
import type { PlannedCall, Workload } from '../workloads/workload.js';
import type { LoadRunOptions } from './loadOptions.js';
import type { RunFigures } from './loadReport.js';

/** At a fixed rate a batch holds what arrives in this time, so that latencies are not those of filling a batch. */
const RATE_BATCH_MS = 10;

/** One workload on one chain: prepares it once and measures loads on it. */
class WorkloadBench {
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
    const { suite, account, accounts } = this.#chain;
    this.#callOf = await this.#workload.prepare({
      suite,
      client: this.#chain.client(0),
      account,
      senders: accounts.map(({ address }) => address),
      users: this.#options.users,
      run: async (calls, step) => {
        const what = this.#texts[step];
        const prepared = await this.#sign(calls, calls.length, this.#texts.signing, [account]);
        const { committed, refusals } = await this.#send(prepared, undefined, what);
        if (committed !== calls.length)
          throw new Error(`${what}: ${committed} of ${calls.length} were committed ${JSON.stringify(refusals)}`);
      },
    });
    if (this.#options.warmUp > 0) {
      const what = this.#texts.warmingUp;
      await this.#send(await this.#signNext(this.#options.warmUp, undefined), undefined, what);
    }
  }

  /** @param ratePerSecond arrivals a second; undefined sends as fast as the chain takes */
  async measure(transactions: number, ratePerSecond: number | undefined): Promise<RunFigures> {
    const { pids, groupId, urls } = this.#chain;
    const prepared = await this.#signNext(transactions, ratePerSecond);
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
    return {
      transactions: result.committed,
      refused: result.refused,
      refusals: result.refusals,
      blocks: result.blocks,
      elapsedMs: Math.round(result.elapsedMs),
      tps: Math.round((result.committed * 10_000) / Math.max(1, result.elapsedMs)) / 10,
      latencyMs: summarizeLatencies(result.latenciesMs),
      cpuMicrosPerTx: each(cpuMicroseconds(pids) - cpuBefore),
      threadMicrosPerTx: Object.fromEntries(Object.entries(threads).map(([kind, total]) => [kind, each(total)])),
      generatorMicrosPerTx: each(user + system),
      residentBytes: residentBytes(pids),
      receipts: await checkReceipts(urls[0]!, groupId, [...prepared.indexes.keys()]),
      ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    };
  }

  async #signNext(count: number, ratePerSecond: number | undefined): Promise<PreparedLoad> {
    const from = this.#next;
    this.#next += count;
    return this.#sign(
      this.#calls(from, count),
      count,
      this.#texts.signing,
      this.#chain.accounts,
      this.#batchSize(ratePerSecond),
    );
  }

  *#calls(from: number, count: number): Generator<PlannedCall> {
    for (let index = from; index < from + count; index++) yield this.#callOf(index);
  }

  /** @param count of the calls */
  async #sign(
    calls: Iterable<PlannedCall>,
    count: number,
    what: string,
    signers = this.#chain.accounts,
    batchSize = this.#options.batchSize,
  ): Promise<PreparedLoad> {
    const height = await this.#chain.client(0).blockNumber();
    const signed = counted(this.#chain.sign(calls, height, signers), progress(what, this.#texts), count);
    return prepareLoad(signed, { groupId: this.#chain.groupId, batchSize });
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
    return load.run(prepared, await this.#chain.client(0).blockNumber(), progress(what, this.#texts));
  }
}

function* counted<T>(items: Iterable<T>, onItem: (done: number, total: number) => void, total: number): Generator<T> {
  let done = 0;
  for (const item of items) {
    yield item;
    onItem(++done, total);
  }
}

/** Builds a fresh chain in a temporary folder, measures a workload on it and removes it again. */
export async function runOnFreshChain(
  workload: Workload,
  options: LoadRunOptions,
  texts: ProgressTexts,
): Promise<{ readonly figures: RunFigures; readonly suite: Pick<CryptoSuite, 'name' | 'provider'> }> {
  const chain = await BenchChain.start({ ...options, environment: NAMED_THREADS });
  try {
    const bench = new WorkloadBench(chain, workload, options, texts);
    await bench.prepare();
    const { name, provider } = chain.suite;
    return { figures: await measureAtRate(bench, options), suite: { name, provider } };
  } catch (error) {
    process.stderr.write(chain.complaints());
    throw error;
  } finally {
    await chain.stop();
  }
}

async function measureAtRate(bench: WorkloadBench, { transactions, rate }: LoadRunOptions): Promise<RunFigures> {
  if (rate === undefined) return bench.measure(transactions, undefined);
  if (rate.kind === 'perSecond') return bench.measure(transactions, rate.perSecond);
  const { tps } = await bench.measure(transactions, undefined);
  const figures = await bench.measure(transactions, Math.max(1, Math.round((tps * rate.percent) / 100)));
  return { ...figures, peakTps: tps };
}
