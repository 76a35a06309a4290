import type { LoadReport } from '../../run/loadReport.js';
import { barChart } from '../charts/barChart.js';
import { stackedChart } from '../charts/stackedChart.js';
import { shownNumber } from '../markup.js';
import type { NamedReport } from '../namedReport.js';
import { section } from '../section.js';
import { table } from '../table.js';

const PERCENTILES = ['p50', 'p95', 'p99'] as const;

/** Throughput, latency and CPU of workloads, each a chart over all of them, and a table of everything. */
export function loadSections(reports: readonly NamedReport<LoadReport>[]): string {
  if (reports.length === 0) return '';
  return [throughput(reports), latency(reports), threads(reports), stages(reports), figures(reports)].join('');
}

/** Tells apart reports of one workload that differ in nodes, engine or file. */
function labelOf({ name, report }: NamedReport<LoadReport>): string {
  return `${report.workload}, ${report.nodes} × ${report.engine} (${name})`;
}

function throughput(reports: readonly NamedReport<LoadReport>[]): string {
  const bars = reports.map((one) => ({
    label: labelOf(one),
    value: one.report.tps.median,
    range: { min: one.report.tps.min, max: one.report.tps.max },
  }));
  const title = { en: 'Throughput', zh: '吞吐量' };
  return section(
    title,
    {
      en: 'Committed transactions a second: minimum, median and maximum of fresh chains.',
      zh: '每秒上链交易数：各轮全新链的最小、中位、最大值。',
    },
    barChart(bars, { en: 'tx/s', zh: '笔/秒' }, title),
  );
}

function latency(reports: readonly NamedReport<LoadReport>[]): string {
  const bars = reports.flatMap((one) =>
    PERCENTILES.map((share) => ({ label: `${share}, ${labelOf(one)}`, value: one.report.latencyMs[share] })),
  );
  const title = { en: 'Latency', zh: '延迟' };
  return section(
    title,
    {
      en: 'From send to block seen, of the run with the median throughput. Under an open load it is mostly waiting in the pool.',
      zh: '从发送到看到区块，取吞吐量居中的一轮。满负荷时主要是在交易池中等待。',
    },
    barChart(bars, { en: 'ms', zh: '毫秒' }, title),
  );
}

function threads(reports: readonly NamedReport<LoadReport>[]): string {
  const bars = reports.map((one) => {
    const parts = new Map(Object.entries(one.report.threadMicrosPerTx).filter(([, micros]) => micros > 0));
    return { label: labelOf(one), parts: parts.set('generator', one.report.generatorMicrosPerTx) };
  });
  const title = { en: 'CPU by thread', zh: '各线程 CPU' };
  return section(
    title,
    {
      en: 'Microseconds of CPU for a transaction, all nodes together, by kind of thread, and the load generator beside them. v8: garbage collection and compilation.',
      zh: '每笔交易的 CPU 微秒数，全部节点合计，按线程种类划分，并列出发压程序。v8 为垃圾回收与编译。',
    },
    stackedChart(bars, { en: 'µs/tx', zh: '微秒/笔' }, title),
  );
}

function stages(reports: readonly NamedReport<LoadReport>[]): string {
  const bars = reports.flatMap((one) => {
    const { stageMicrosPerTx } = one.report;
    return stageMicrosPerTx === undefined
      ? []
      : [{ label: labelOf(one), parts: new Map(Object.entries(stageMicrosPerTx)) }];
  });
  if (bars.length === 0) return '';
  const title = { en: 'CPU by stage', zh: '各环节 CPU' };
  return section(
    title,
    {
      en: 'The same CPU by what the code was doing, from samples of the threads. Names in parentheses are threads that run no JavaScript.',
      zh: '同样的 CPU 按代码所做的工作划分（由线程采样得出）。括号内为不运行 JavaScript 的线程。',
    },
    stackedChart(bars, { en: 'µs/tx', zh: '微秒/笔' }, title),
  );
}

function figures(reports: readonly NamedReport<LoadReport>[]): string {
  const heads = [
    { en: 'workload', zh: '工作负载' },
    { en: 'runs', zh: '轮数' },
    { en: 'TPS min', zh: 'TPS 最小' },
    { en: 'median', zh: '中位' },
    { en: 'max', zh: '最大' },
    { en: 'p50 ms', zh: 'p50 毫秒' },
    { en: 'p99 ms', zh: 'p99 毫秒' },
    { en: 'CPU µs/tx', zh: 'CPU 微秒/笔' },
    { en: 'generator', zh: '发压程序' },
    { en: 'memory MiB', zh: '内存 MiB' },
    { en: 'refused', zh: '拒绝' },
  ];
  const rows = reports.map((one) => {
    const { report } = one;
    const numbers = [
      report.runs.length,
      report.tps.min,
      report.tps.median,
      report.tps.max,
      report.latencyMs.p50,
      report.latencyMs.p99,
      report.cpuMicrosPerTx,
    ];
    return [
      labelOf(one),
      ...numbers.map(shownNumber),
      `${(100 * report.generatorShare).toFixed(1)} %`,
      shownNumber(Math.round(report.residentBytes / 1_048_576)),
      shownNumber(report.runs.reduce((sum, { refused }) => sum + refused, 0)),
    ];
  });
  const note = { en: 'Memory is of all nodes together.', zh: '内存为全部节点合计。' };
  return section({ en: 'Figures', zh: '数据' }, note, table(heads, rows));
}
