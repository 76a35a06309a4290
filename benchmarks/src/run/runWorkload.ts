import type { CryptoSuite } from '@menglian/crypto/suite';
import { BenchChain } from '../chain/benchChain.js';
import type { ProgressTexts } from '../measure/progress.js';
import { NAMED_THREADS } from '../measure/threadStats.js';
import type { Workload } from '../workloads/workload.js';
import { NodeProfiler } from '../profile/nodeProfiler.js';
import type { LoadRunOptions } from './loadOptions.js';
import type { RunFigures } from './loadReport.js';
import { WorkloadBench } from './workloadBench.js';

/** Builds a fresh chain in a temporary folder, measures a workload on it and removes it again. */
export async function runOnFreshChain(
  workload: Workload,
  options: LoadRunOptions,
  texts: ProgressTexts,
): Promise<{ readonly figures: RunFigures; readonly suite: Pick<CryptoSuite, 'name' | 'provider'> }> {
  const { profileFolder } = options;
  const profiler = profileFolder === undefined ? undefined : new NodeProfiler(profileFolder);
  const environment = profiler?.environment(NAMED_THREADS) ?? NAMED_THREADS;
  return BenchChain.use({ ...options, environment }, async (chain) => {
    const bench = new WorkloadBench(chain, workload, options, texts);
    await bench.prepare();
    const { name, provider } = chain.suite;
    return { figures: await measureAtRate(bench, options, profiler), suite: { name, provider } };
  });
}

async function measureAtRate(
  bench: WorkloadBench,
  { transactions, rate }: LoadRunOptions,
  profiler: NodeProfiler | undefined,
): Promise<RunFigures> {
  if (rate === undefined) return bench.measure(transactions, undefined, profiler);
  if (rate.kind === 'perSecond') return bench.measure(transactions, rate.perSecond, profiler);
  const { tps } = await bench.measure(transactions, undefined);
  const perSecond = Math.max(1, Math.round((tps * rate.percent) / 100));
  return { ...(await bench.measure(transactions, perSecond, profiler)), peakTps: tps };
}
