import type { MicroReport } from '../../micro/microReport.js';
import { barChart } from '../charts/barChart.js';
import { shownNumber } from '../markup.js';
import type { NamedReport } from '../namedReport.js';
import { section } from '../section.js';
import { table } from '../table.js';

/** Single stages: what each costs, and how many times faster it is than a library. */
export function microSections(reports: readonly NamedReport<MicroReport>[]): string {
  return reports.map((one) => stages(one)).join('');
}

function stages({ name, report }: NamedReport<MicroReport>): string {
  const costs = report.cases.map((one) => {
    const { min, median, max } = one.subjects[0]!.microsPerOperation;
    return { label: one.name, value: median, range: { min, max } };
  });
  const rows = report.cases.flatMap((one) =>
    one.subjects.map((subject, index) => [
      one.name,
      `${subject.name} ${subject.version}`.trim(),
      shownNumber(subject.microsPerOperation.median),
      index === 0 ? '' : `${shownNumber(subject.ratio.median)} ×`,
      index === 0 ? '' : `${shownNumber(subject.ratio.min)} – ${shownNumber(subject.ratio.max)} ×`,
    ]),
  );
  const heads = [
    { en: 'stage', zh: '环节' },
    { en: 'by', zh: '实现' },
    { en: 'CPU µs each', zh: '每次 CPU 微秒' },
    { en: 'ours is faster', zh: '本项目快' },
    { en: 'by rounds', zh: '各轮' },
  ];
  const title = { en: `Stages (${name})`, zh: `各环节（${name}）` };
  return section(
    title,
    {
      en: 'CPU time of our stages, one at a time in one process; ratios are of rounds by turns with the library.',
      zh: '本项目各环节的 CPU 时间（同一进程内逐项测量）；比率取自与对照库轮流执行的各轮。',
    },
    barChart(costs, { en: 'µs', zh: '微秒' }, title) + table(heads, rows),
  );
}
