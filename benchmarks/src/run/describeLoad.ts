import type { Language } from '@menglian/cli/language';
import { textTable } from '../measure/textTable.js';
import type { LoadReport } from './loadReport.js';

/** What the table of a report says. */
interface DescribeTexts {
  readonly workload: string;
  readonly nodes: string;
  readonly transactions: string;
  readonly throughput: string;
  readonly latency: string;
  readonly nodeCpu: string;
  readonly threads: string;
  readonly stages: string;
  readonly generatorCpu: string;
  readonly memory: string;
  readonly receipts: string;
  readonly peak: string;
  readonly refused: string;
  readonly lost: string;
  readonly spreadOf: (runs: number) => string;
  readonly place: (report: LoadReport) => string;
  readonly counts: (transactions: number, blocks: number, refused: number) => string;
  readonly perSecond: string;
  readonly each: string;
  readonly checkedOf: (failed: number, checked: number) => string;
  readonly shareOf: (percent: string) => string;
}

const EN: DescribeTexts = {
  workload: 'workload',
  nodes: 'nodes',
  transactions: 'transactions',
  throughput: 'throughput',
  latency: 'latency',
  nodeCpu: 'CPU of all nodes',
  threads: 'of which threads',
  stages: 'of which stages',
  generatorCpu: 'CPU of the generator',
  memory: 'memory of all nodes',
  receipts: 'failed receipts',
  peak: 'peak before it',
  refused: 'refused',
  lost: 'in no block at the end',
  spreadOf: (runs) => (runs === 1 ? '' : `, min / median / max of ${runs} runs`),
  place: ({ nodes, engine, environment: { cores, model, node } }) =>
    `${nodes}, ${engine}, on ${cores} cores (${model}), Node ${node}`,
  counts: (transactions, blocks, refused) => `${transactions} in ${blocks} blocks, ${refused} refused`,
  perSecond: 'transactions a second',
  each: 'µs a transaction',
  checkedOf: (failed, checked) => `${failed} of ${checked} looked at`,
  shareOf: (percent) => `, ${percent} % of all`,
};

const ZH: DescribeTexts = {
  workload: '工作负载',
  nodes: '节点',
  transactions: '交易',
  throughput: '吞吐量',
  latency: '延迟',
  nodeCpu: '全部节点 CPU',
  threads: '其中各线程',
  stages: '其中各环节',
  generatorCpu: '发压程序 CPU',
  memory: '全部节点内存',
  receipts: '失败的回执',
  peak: '此前峰值',
  refused: '拒绝',
  lost: '最终未上链',
  spreadOf: (runs) => (runs === 1 ? '' : `，${runs} 轮的最小/中位/最大`),
  place: ({ nodes, engine, environment: { cores, model, node } }) =>
    `${nodes} 个，${engine}，${cores} 核（${model}），Node ${node}`,
  counts: (transactions, blocks, refused) => `${transactions} 笔，${blocks} 个区块，拒绝 ${refused} 笔`,
  perSecond: '笔/秒',
  each: '微秒/笔',
  checkedOf: (failed, checked) => `抽查 ${checked} 笔，失败 ${failed} 笔`,
  shareOf: (percent) => `，占全部的 ${percent} %`,
};

const MEBIBYTE = 1_048_576;

/** Parts of a sum, most first as they come; those too small to show are left out. */
function partsOf(parts: Readonly<Record<string, number>>): string {
  const shown = Object.entries(parts).filter(([, micros]) => micros >= 0.1);
  return shown.map(([name, micros]) => `${name} ${micros}`).join(', ');
}

/** The report as a table for people. */
export function describeLoad(report: LoadReport, language: Language): string {
  const texts = language === 'zh' ? ZH : EN;
  const { tps, latencyMs, runs } = report;
  const sum = (of: (run: LoadReport['runs'][number]) => number) => runs.reduce((total, run) => total + of(run), 0);
  const rates = runs.length === 1 ? `${tps.median}` : `${tps.min} / ${tps.median} / ${tps.max}`;
  const rows: (readonly [string, string])[] = [
    [texts.workload, report.workload],
    [texts.nodes, texts.place(report)],
    [
      texts.transactions,
      texts.counts(
        sum((run) => run.transactions),
        sum((run) => run.blocks),
        sum((run) => run.refused),
      ),
    ],
    [texts.throughput, `${rates} ${texts.perSecond}${texts.spreadOf(runs.length)}`],
    [texts.latency, `p50 ${latencyMs.p50} ms, p95 ${latencyMs.p95} ms, p99 ${latencyMs.p99} ms`],
    [texts.nodeCpu, `${report.cpuMicrosPerTx} ${texts.each}`],
    [texts.threads, partsOf(report.threadMicrosPerTx)],
    ...(report.stageMicrosPerTx === undefined ? [] : [[texts.stages, partsOf(report.stageMicrosPerTx)] as const]),
    [
      texts.generatorCpu,
      `${report.generatorMicrosPerTx} ${texts.each}${texts.shareOf((100 * report.generatorShare).toFixed(1))}`,
    ],
    [texts.memory, `${Math.round(report.residentBytes / MEBIBYTE)} MiB`],
    [
      texts.receipts,
      texts.checkedOf(
        sum((run) => run.receipts.failed),
        sum((run) => run.receipts.checked),
      ),
    ],
  ];
  const peaks = runs.flatMap(({ peakTps }) => (peakTps === undefined ? [] : [peakTps]));
  const reasons = runs.flatMap(({ refusals }) => Object.entries(refusals));
  if (reasons.length > 0) rows.push([texts.refused, reasons.map(([reason, count]) => `${count} ${reason}`).join(', ')]);
  const lost = sum((run) => run.lost);
  if (lost > 0) rows.push([texts.lost, String(lost)]);
  if (peaks.length > 0) rows.push([texts.peak, `${peaks.join(' / ')} ${texts.perSecond}`]);
  return textTable(rows);
}
