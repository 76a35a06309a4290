import type { GrowthReport } from '../growth/growthReport.js';
import type { MicroReport } from '../micro/microReport.js';
import type { LoadReport } from '../run/loadReport.js';
import { both } from './markup.js';
import type { NamedReport } from './namedReport.js';
import type { AnyReport } from './readReport.js';
import { section } from './section.js';
import { growthSections } from './sections/growthSections.js';
import { loadSections } from './sections/loadSections.js';
import { microSections } from './sections/microSections.js';
import { table } from './table.js';

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #666; --grid: #ddd; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #eee; --soft: #aaa; --grid: #444; --paper: #181818; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
  margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } p { color: var(--soft); }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; margin: 0.5rem 0; }
svg text { fill: var(--ink); } svg .tick { fill: var(--soft); font-size: 11px; }
svg .grid { stroke: var(--grid); stroke-width: 1; } svg .whisker { stroke: var(--ink); stroke-width: 1.5; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.85rem; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid var(--grid); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } td { font-variant-numeric: tabular-nums; }
header { display: flex; justify-content: space-between; align-items: center; }
button { font: inherit; padding: 0.2rem 0.8rem; }
:root[lang="en"] .zh, :root[lang="zh"] .en { display: none; }
`;

/** Without it the page is in English. */
const SCRIPT = `
const root = document.documentElement;
if (navigator.language.startsWith('zh')) root.lang = 'zh';
document.querySelector('button').addEventListener('click', () => { root.lang = root.lang === 'zh' ? 'en' : 'zh'; });
`;

/**
 * One page of HTML with everything in it: it opens from the disk, asks nobody for anything, and shows both languages.
 * @param reports at least one; names and contents may be anybody's
 */
export function buildPage(reports: readonly NamedReport<AnyReport>[]): string {
  const of = <T extends AnyReport>(kind: T['benchmark']) =>
    reports.filter((one): one is NamedReport<T> => one.report.benchmark === kind);
  const title = both({ en: 'Menglian benchmarks', zh: '盟链性能测试' });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Menglian benchmarks</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${title}</h1><button type="button"><span class="en" lang="zh">中文</span><span class="zh" lang="en">English</span></button></header>
${loadSections(of<LoadReport>('load'))}
${microSections(of<MicroReport>('micro'))}
${growthSections(of<GrowthReport>('growth'))}
${environments(reports)}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function environments(reports: readonly NamedReport<AnyReport>[]): string {
  const rows = reports.map(({ name, report: { environment } }) => [
    name,
    `${environment.cores} × ${environment.model}`,
    `${Math.round(environment.memoryBytes / 2 ** 30)} GiB`,
    environment.node,
    environment.system,
    environment.startedAt,
    String(environment.loadAverage),
    environment.commit ?? '–',
  ]);
  const heads = [
    { en: 'file', zh: '文件' },
    { en: 'processors', zh: '处理器' },
    { en: 'memory', zh: '内存' },
    { en: 'Node.js', zh: 'Node.js' },
    { en: 'system', zh: '系统' },
    { en: 'started', zh: '开始时间' },
    { en: 'load before', zh: '此前负载' },
    { en: 'commit', zh: '提交' },
  ];
  const { links, clients } = conditionsOf(reports);
  const note = {
    en: [
      `Nodes and load generator share the machine. Links between nodes: ${links}. Clients: ${clients}.`,
      'Every node checks every signature; every block is on disk before it counts.',
    ].join(' '),
    zh: `节点与发压程序共用同一台机器。节点间连接：${links}。客户端：${clients}。每个节点校验每个签名；区块落盘后才算提交。`,
  };
  return section({ en: 'Where and how', zh: '环境与条件' }, note, table(heads, rows));
}

function conditionsOf(reports: readonly NamedReport<AnyReport>[]): { links: string; clients: string } {
  for (const { report } of reports)
    if (report.benchmark === 'load') {
      const { linksBetweenNodes, clientConnections } = report.conditions;
      return { links: linksBetweenNodes, clients: clientConnections };
    }
  return { links: '–', clients: '–' };
}
