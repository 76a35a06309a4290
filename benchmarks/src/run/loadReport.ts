import type { Environment } from '../measure/environment.js';
import { indexOfMedian, median, spread, type LatencySummary, type Spread } from '../measure/percentiles.js';
import type { ReceiptCheck } from '../load/receiptCheck.js';
import type { LoadRunOptions } from './loadOptions.js';

/** What was measured on one fresh chain. Microseconds are of CPU time, each divided by the committed transactions. */
export interface RunFigures {
  readonly transactions: number;
  readonly refused: number;
  /** how many were refused with each reason */
  readonly refusals: Readonly<Record<string, number>>;
  /** taken by a node and in no block when the load was given up; 0 unless something is wrong */
  readonly lost: number;
  readonly blocks: number;
  /** from the first send to the moment the last block was seen */
  readonly elapsedMs: number;
  readonly tps: number;
  /** from send to block seen; from when it was due at a fixed rate; to the receipt read where one waits for the other */
  readonly latencyMs: LatencySummary;
  /** of all nodes together */
  readonly cpuMicrosPerTx: number;
  /** of all nodes together, by kind of thread */
  readonly threadMicrosPerTx: Readonly<Record<string, number>>;
  /** of all nodes together, by what the code was doing, where that was sampled */
  readonly stageMicrosPerTx?: Readonly<Record<string, number>>;
  readonly generatorMicrosPerTx: number;
  /** of all nodes together, at the end */
  readonly residentBytes: number;
  readonly receipts: ReceiptCheck;
  /** transactions a second as fast as the chain could, measured before a rate that is a share of it */
  readonly peakTps?: number;
  /** arrivals a second, where they were fixed */
  readonly ratePerSecond?: number;
}

/** What was on while it was measured: it is on in every run, there is no option to switch any of it off. */
export interface Conditions {
  readonly linksBetweenNodes: string;
  readonly clientConnections: string;
  readonly everyNodeChecksEverySignature: true;
  readonly durableCommits: true;
  readonly generatorOnSameMachine: true;
}

/** The figures of one command, as written to the file of `--json` (`benchmarks/schema/load.schema.json`). */
export interface LoadReport {
  readonly benchmark: 'load';
  readonly version: 1;
  readonly workload: string;
  readonly nodes: number;
  readonly engine: string;
  readonly suite: { readonly name: string; readonly provider: string };
  readonly environment: Environment;
  readonly conditions: Conditions;
  readonly options: Omit<LoadRunOptions, 'nodes' | 'consensus' | 'ports' | 'rate' | 'profileFolder'>;
  readonly tps: Spread;
  /** of the run with the median throughput, as all below */
  readonly latencyMs: LatencySummary;
  /** median of the runs */
  readonly cpuMicrosPerTx: number;
  readonly threadMicrosPerTx: Readonly<Record<string, number>>;
  readonly stageMicrosPerTx?: Readonly<Record<string, number>>;
  readonly generatorMicrosPerTx: number;
  /** of the CPU time of nodes and generator together, 0 to 1 */
  readonly generatorShare: number;
  readonly residentBytes: number;
  readonly runs: readonly RunFigures[];
}

const CONDITIONS: Conditions = {
  linksBetweenNodes: 'encrypted (noise), certificates of the consortium checked',
  clientConnections: 'JSON-RPC batches, plain HTTP on the loopback address',
  everyNodeChecksEverySignature: true,
  durableCommits: true,
  generatorOnSameMachine: true,
};

export interface ReportInput {
  readonly workload: string;
  readonly options: LoadRunOptions;
  readonly suite: { readonly name: string; readonly provider: string };
  readonly environment: Environment;
  /** at least one */
  readonly runs: readonly RunFigures[];
}

export function createReport({ workload, options, suite, environment, runs }: ReportInput): LoadReport {
  const { nodes, consensus, ports: _ports, rate: _rate, profileFolder: _folder, ...rest } = options;
  const middle = runs[indexOfMedian(runs.map(({ tps }) => tps))]!;
  const { latencyMs, threadMicrosPerTx, stageMicrosPerTx, generatorMicrosPerTx, residentBytes } = middle;
  return {
    benchmark: 'load',
    version: 1,
    workload,
    nodes,
    engine: consensus,
    suite,
    environment,
    conditions: CONDITIONS,
    options: rest,
    tps: spread(runs.map(({ tps }) => tps)),
    latencyMs,
    cpuMicrosPerTx: Math.round(median(runs.map(({ cpuMicrosPerTx }) => cpuMicrosPerTx))),
    threadMicrosPerTx,
    ...(stageMicrosPerTx === undefined ? {} : { stageMicrosPerTx }),
    generatorMicrosPerTx,
    generatorShare:
      Math.round((1000 * generatorMicrosPerTx) / Math.max(1, generatorMicrosPerTx + middle.cpuMicrosPerTx)) / 1000,
    residentBytes,
    runs,
  };
}
