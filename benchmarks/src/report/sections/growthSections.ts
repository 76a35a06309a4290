import type { Localized } from '@menglian/cli/language';
import type { GrowthPoint, GrowthReport } from '../../growth/growthReport.js';
import { lineChart } from '../charts/lineChart.js';
import type { NamedReport } from '../namedReport.js';
import { section } from '../section.js';

const MEBIBYTE = 1_048_576;

const CURVES: readonly { readonly unit: Localized; readonly of: (point: GrowthPoint) => number }[] = [
  { unit: { en: 'CPU µs a transaction, all nodes', zh: '每笔 CPU 微秒（全部节点）' }, of: (one) => one.cpuMicrosPerTx },
  { unit: { en: 'transactions a second', zh: '每秒交易数' }, of: (one) => one.tps },
  {
    unit: { en: 'MiB of memory, largest node', zh: '内存 MiB（最大的节点）' },
    of: (one) => Math.max(0, ...one.residentBytesPerNode) / MEBIBYTE,
  },
  {
    unit: { en: 'MiB on disk, largest node', zh: '磁盘 MiB（最大的节点）' },
    of: (one) => Math.max(0, ...one.diskBytesPerNode) / MEBIBYTE,
  },
];

/** What becomes of cost, throughput, memory and disk while chains grow. */
export function growthSections(reports: readonly NamedReport<GrowthReport>[]): string {
  if (reports.length === 0) return '';
  const x = { en: 'tx on chain', zh: '链上交易' };
  const charts = CURVES.map(({ unit, of }) =>
    lineChart(
      reports.map(({ name, report }) => ({
        label: name,
        points: report.points.map((point) => ({ x: point.chainTransactions, y: of(point) })),
      })),
      { x, y: unit },
    ),
  );
  return section(
    { en: 'Growth', zh: '增长' },
    { en: 'The same work with a longer and longer chain behind it.', zh: '链越来越长时，同样工作的代价。' },
    charts.join(''),
  );
}
