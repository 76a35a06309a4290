import type { GrowthReport } from '../growth/growthReport.js';
import type { Environment } from '../measure/environment.js';
import { spread } from '../measure/percentiles.js';
import type { MicroReport } from '../micro/microReport.js';
import { createReport, type LoadReport, type RunFigures } from '../run/loadReport.js';

/** Reports with made-up figures, for tests. */

const ENVIRONMENT: Environment = {
  cores: 2,
  model: 'Some processor',
  memoryBytes: 24 * 2 ** 30,
  node: 'v20.0.0',
  system: 'Linux 6.0',
  startedAt: '2026-11-21T00:00:00.000Z',
  loadAverage: 0.1,
  commit: '0123456789ab',
};

function run(tps: number): RunFigures {
  return {
    transactions: 50_000,
    refused: 0,
    refusals: {},
    lost: 0,
    blocks: 50,
    elapsedMs: (50_000 * 1000) / tps,
    tps,
    latencyMs: { p50: 100, p95: 200, p99: 300, max: 400 },
    cpuMicrosPerTx: 1_000_000 / tps,
    threadMicrosPerTx: { group: 300, main: 100, v8: 50 },
    stageMicrosPerTx: { signature: 200, store: 200, '(v8)': 50 },
    generatorMicrosPerTx: 20,
    residentBytes: 1_000_000_000,
    receipts: { checked: 500, failed: 0 },
  };
}

export function sampleLoad(workload = 'dag-transfer', rates: readonly number[] = [2000, 1900, 2100]): LoadReport {
  return createReport({
    workload,
    options: {
      nodes: 4,
      consensus: 'pbft',
      sm: false,
      runs: rates.length,
      transactions: 50_000,
      warmUp: 0,
      users: 1000,
      senders: 1,
      batchSize: 100,
      uncommittedMax: 20_000,
      rate: undefined,
      profileFolder: undefined,
      ports: '1,2,3',
    },
    suite: { name: 'ecdsa', provider: 'native' },
    environment: ENVIRONMENT,
    runs: rates.map(run),
  });
}

export function sampleMicro(): MicroReport {
  const subject = (name: string, micros: number, ratio: number) => ({
    name,
    version: '1.0.0',
    microsPerOperation: spread([micros, micros * 1.1, micros * 0.9]),
    ratio: spread([ratio, ratio * 1.1, ratio * 0.9]),
  });
  return {
    benchmark: 'micro',
    version: 1,
    environment: ENVIRONMENT,
    options: { rounds: 5, turnMs: 200 },
    cases: [
      { name: 'hash', subjects: [subject('menglian', 1.2, 1), subject('@noble/hashes', 9, 7.5)] },
      { name: 'decode', subjects: [subject('menglian', 9, 1), subject('@ethereumjs/rlp', 30, 3.3)] },
    ],
  };
}

export function sampleGrowth(): GrowthReport {
  return {
    benchmark: 'growth',
    version: 1,
    workload: 'dag-transfer',
    nodes: 4,
    engine: 'pbft',
    accounts: 1000,
    sample: 20_000,
    environment: ENVIRONMENT,
    points: Array.from({ length: 40 }, (_, index) => ({
      chainTransactions: 1000 + index * 20_000,
      blocks: index * 20,
      tps: 2000 - index,
      latencyMs: { p50: 100, p95: 200, p99: 300, max: 400 },
      cpuMicrosPerTx: 500 + index,
      threadMicrosPerTx: { group: 400 },
      generatorMicrosPerTx: 20,
      residentBytesPerNode: [300_000_000, 200_000_000],
      diskBytesPerNode: [1_000_000 * index, 0],
    })),
  };
}
