import type { Language } from '@menglian/cli/language';
import type { Environment } from '../measure/environment.js';
import type { LatencySummary } from '../measure/percentiles.js';
import { textColumns } from '../measure/textTable.js';

/** What was measured with the chain at one length. */
export interface GrowthPoint {
  /** transactions on the chain before this measurement, those that opened the accounts included */
  readonly chainTransactions: number;
  /** height of the chain then */
  readonly blocks: number;
  readonly tps: number;
  readonly latencyMs: LatencySummary;
  /** CPU of all nodes together */
  readonly cpuMicrosPerTx: number;
  readonly threadMicrosPerTx: Readonly<Record<string, number>>;
  readonly generatorMicrosPerTx: number;
  readonly residentBytesPerNode: readonly number[];
  /** of the node's folder, configuration and log included */
  readonly diskBytesPerNode: readonly number[];
}

/** The figures of one command, as written to the file of `--json` (`benchmarks/schema/growth.schema.json`). */
export interface GrowthReport {
  readonly benchmark: 'growth';
  readonly version: 1;
  readonly workload: string;
  readonly nodes: number;
  readonly engine: string;
  readonly accounts: number;
  /** transactions of each point */
  readonly sample: number;
  readonly environment: Environment;
  readonly points: readonly GrowthPoint[];
}

/** Rows of the table for people; the file has all points. */
const ROWS_MAX = 16;

const HEADS: Readonly<Record<Language, readonly string[]>> = {
  en: ['transactions on the chain', 'TPS', 'CPU µs/tx', 'p50 ms', 'p99 ms', 'memory a node', 'disk a node'],
  zh: ['链上交易数', '吞吐量', 'CPU 微秒/笔', 'p50 毫秒', 'p99 毫秒', '每节点内存', '每节点磁盘'],
};

/** The report as a table for people. */
export function describeGrowth({ points }: GrowthReport, language: Language): string {
  const step = Math.max(1, Math.ceil((points.length - 1) / (ROWS_MAX - 1)));
  const shown = points.filter((_, index) => index % step === 0 || index === points.length - 1);
  const rows = shown.map((point) => [
    String(point.chainTransactions),
    point.tps.toFixed(0),
    point.cpuMicrosPerTx.toFixed(0),
    point.latencyMs.p50.toFixed(0),
    point.latencyMs.p99.toFixed(0),
    mebibytes(point.residentBytesPerNode),
    mebibytes(point.diskBytesPerNode),
  ]);
  const table = [HEADS[language], ...rows];
  const widths = HEADS[language].map((_, column) => Math.max(...table.map((row) => textColumns(row[column]!))));
  return table
    .map((row) => row.map((cell, column) => ' '.repeat(widths[column]! - textColumns(cell)) + cell).join('  '))
    .join('\n');
}

/** The largest of the nodes. */
function mebibytes(bytes: readonly number[]): string {
  return `${Math.round(Math.max(0, ...bytes) / 1_048_576)} MiB`;
}
