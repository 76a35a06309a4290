import { describeMachine, type Machine } from './machine.js';
import type { LoadResult } from './load.js';

/** The figures of one run, as written to the file of `--json`. */
export interface TpsReport {
  readonly benchmark: 'tps';
  readonly workload: string;
  readonly nodes: number;
  readonly consensus: string;
  readonly machine: Machine;
  readonly tls: false;
  readonly suite: string;
  readonly users: number;
  readonly batchSize: number;
  readonly uncommittedMax: number;
  readonly transactions: number;
  readonly refused: number;
  readonly blocks: number;
  readonly elapsedMs: number;
  /** committed transactions by wall time, from the first send to the last block seen */
  readonly tps: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** of all nodes together, and of the load generator while it sent */
  readonly cpuMicrosecondsPerTransaction: number;
  readonly generatorMicrosecondsPerTransaction: number;
  /** of all nodes together, at the end */
  readonly residentBytes: number;
}

export interface ReportInput {
  readonly workload: string;
  readonly nodes: number;
  readonly consensus: string;
  readonly suite: string;
  readonly users: number;
  readonly batchSize: number;
  readonly uncommittedMax: number;
  readonly result: LoadResult;
  readonly cpuMicroseconds: number;
  readonly generatorMicroseconds: number;
  readonly residentBytes: number;
}

export function createReport(input: ReportInput): TpsReport {
  const { result } = input;
  const at = (fraction: number) => {
    const index = Math.min(result.latenciesMs.length - 1, Math.floor(result.latenciesMs.length * fraction));
    return Math.round(result.latenciesMs[index] ?? 0);
  };
  const each = (total: number) => Math.round(total / Math.max(1, result.committed));
  return {
    benchmark: 'tps',
    workload: input.workload,
    nodes: input.nodes,
    consensus: input.consensus,
    machine: describeMachine(),
    tls: false,
    suite: input.suite,
    users: input.users,
    batchSize: input.batchSize,
    uncommittedMax: input.uncommittedMax,
    transactions: result.committed,
    refused: result.refused,
    blocks: result.blocks,
    elapsedMs: Math.round(result.elapsedMs),
    tps: Math.round((result.committed * 1000) / result.elapsedMs),
    latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    cpuMicrosecondsPerTransaction: each(input.cpuMicroseconds),
    generatorMicrosecondsPerTransaction: each(input.generatorMicroseconds),
    residentBytes: input.residentBytes,
  };
}

/** The report as a table for people. */
export function describeReport(report: TpsReport): string {
  const rows: readonly (readonly [string, string])[] = [
    ['workload', report.workload],
    [
      'nodes',
      `${report.nodes}, ${report.consensus}, on ${report.machine.cores} cores (${report.machine.model}), Node ${report.machine.node}`,
    ],
    ['transactions', `${report.transactions} in ${report.blocks} blocks, ${report.refused} refused`],
    ['throughput', `${report.tps} transactions a second over ${report.elapsedMs} ms`],
    ['latency', `p50 ${report.latencyMs.p50} ms, p95 ${report.latencyMs.p95} ms, p99 ${report.latencyMs.p99} ms`],
    ['CPU of all nodes', `${report.cpuMicrosecondsPerTransaction} µs a transaction`],
    ['CPU of the generator', `${report.generatorMicrosecondsPerTransaction} µs a transaction`],
    ['memory of all nodes', `${Math.round(report.residentBytes / 1_048_576)} MiB`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
