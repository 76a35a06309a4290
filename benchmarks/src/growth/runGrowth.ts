import { BenchChain } from '../chain/benchChain.js';
import { describeEnvironment } from '../measure/environment.js';
import { residentBytes } from '../measure/processStats.js';
import type { ProgressTexts } from '../measure/progress.js';
import { NAMED_THREADS } from '../measure/threadStats.js';
import type { LoadRunOptions } from '../run/loadOptions.js';
import { WorkloadBench } from '../run/workloadBench.js';
import type { Workload } from '../workloads/workload.js';
import { diskBytes } from './diskUsage.js';
import type { GrowthPoint, GrowthReport } from './growthReport.js';

export interface GrowthOptions extends LoadRunOptions {
  /** transactions of each point; the chain grows by as many between two of them */
  readonly sample: number;
}

/**
 * Lets one chain grow and measures all the way: after the accounts are open, one load after the other, each signed just
 * before it, because transactions expire after some hundred blocks.
 * @param onPoint told after each load of all that was measured so far
 */
export async function runGrowth(
  workload: Workload,
  options: GrowthOptions,
  texts: ProgressTexts,
  onPoint: (report: GrowthReport) => void,
): Promise<GrowthReport> {
  const environment = describeEnvironment();
  return BenchChain.use({ ...options, environment: NAMED_THREADS }, async (chain) => {
    const points: GrowthPoint[] = [];
    const report = (): GrowthReport => ({
      benchmark: 'growth',
      version: 1,
      workload: workload.name,
      nodes: options.nodes,
      engine: options.consensus,
      accounts: options.users,
      sample: options.sample,
      environment,
      points,
    });
    const bench = new WorkloadBench(chain, workload, options, texts);
    await bench.prepare();
    let { transactions, blocks } = await lengthOf(chain);
    for (const end = transactions + options.transactions; transactions < end;) {
      const { tps, latencyMs, cpuMicrosPerTx, threadMicrosPerTx, generatorMicrosPerTx, ...counts } =
        await bench.measure(Math.min(options.sample, end - transactions), undefined);
      if (counts.transactions === 0) throw new Error(`nothing was committed: ${JSON.stringify(counts.refusals)}`);
      points.push({
        chainTransactions: transactions,
        blocks,
        tps,
        latencyMs,
        cpuMicrosPerTx,
        threadMicrosPerTx,
        generatorMicrosPerTx,
        residentBytesPerNode: chain.pids.map((pid) => residentBytes([pid])),
        diskBytesPerNode: chain.folders.map(diskBytes),
      });
      ({ transactions, blocks } = await lengthOf(chain));
      onPoint(report());
    }
    return report();
  });
}

async function lengthOf(chain: BenchChain): Promise<{ transactions: number; blocks: number }> {
  const { txSum, blockNumber } = await chain.clients[0]!.getTransactionCount();
  return { transactions: Number(txSum), blocks: blockNumber };
}
