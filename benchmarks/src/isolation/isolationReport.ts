import type { Language } from '@menglian/cli/language';
import { rowTable } from '../groups/rowTable.js';
import type { Environment } from '../measure/environment.js';
import { median, type LatencySummary } from '../measure/percentiles.js';
import type { AttackCounts } from './attack.js';

export interface IsolationOptions {
  readonly nodes: number;
  readonly rounds: number;
  /** arrivals a second at the victim */
  readonly rate: number;
  /** how long the victim is measured each time, seconds */
  readonly window: number;
  readonly users: number;
  readonly warmUp: number;
  /** names of `attacks.ts` */
  readonly attacks: readonly string[];
  /** the neighbour's threads take only what all others leave */
  readonly isSpare: boolean;
}

/** The victim in one window. CPU is of all nodes, microseconds a second. */
export interface WindowFigures {
  readonly sent: number;
  readonly committed: number;
  readonly refused: number;
  readonly tps: number;
  readonly latencyMs: LatencySummary;
  /** processors that nodes kept busy */
  readonly nodesCores: number;
  /** processors that the generator kept busy, without the attacking process */
  readonly generatorCores: number;
  /** processors by name of thread, all nodes together; threads that ended meanwhile are missing */
  readonly threadCores: Readonly<Record<string, number>>;
  /** why the load was given up */
  readonly failure?: string;
}

/** An attack, beside a window in which the neighbour had nothing to do, just before. */
export interface IsolationRound {
  readonly attack: string;
  readonly before: WindowFigures;
  readonly during: WindowFigures;
  readonly counts: AttackCounts;
}

export interface IsolationReport {
  readonly benchmark: 'isolation';
  readonly version: 1;
  readonly environment: Environment;
  readonly options: IsolationOptions;
  readonly rounds: readonly IsolationRound[];
}

/** Medians over the rounds of one attack. */
export interface IsolationRatios {
  readonly tps: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What the victim had during the attack, of what it had just before: the median of the rounds' ratios. */
export function ratiosOf(rounds: readonly IsolationRound[]): IsolationRatios {
  const ratio = (value: (figures: WindowFigures) => number) =>
    median(rounds.map(({ before, during }) => value(during) / Math.max(Number.MIN_VALUE, value(before))));
  return {
    tps: ratio(({ tps }) => tps),
    p50: ratio(({ latencyMs }) => latencyMs.p50),
    p95: ratio(({ latencyMs }) => latencyMs.p95),
    p99: ratio(({ latencyMs }) => latencyMs.p99),
  };
}

const COLUMNS = {
  en: [
    'neighbour',
    'TPS before, during',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'TPS, p50, p95, p99 of before',
    'cores of nodes',
    'its threads',
    'main, clients',
    'what was done',
  ],
  zh: [
    '邻组',
    'TPS 前、中',
    'p50 毫秒',
    'p95 毫秒',
    'p99 毫秒',
    'TPS、p50、p95、p99 与前之比',
    '节点占用核数',
    '邻组线程',
    '主线程、客户端线程',
    '攻击计数',
  ],
} as const;

/** A line an attack, medians of its rounds, in the order of the first round. @param neighbourThread name of its threads */
export function describeIsolation({ rounds }: IsolationReport, neighbourThread: string, language: Language): string {
  const names = [...new Set(rounds.map(({ attack }) => attack))];
  const rows = names.map((name) =>
    isolationRow(
      name,
      rounds.filter(({ attack }) => attack === name),
      neighbourThread,
    ),
  );
  const failures = rounds.flatMap(({ attack, before, during }) =>
    [before.failure, during.failure]
      .filter((failure) => failure !== undefined)
      .map((failure) => `${attack}: ${failure}`),
  );
  return [rowTable([[...COLUMNS[language]], ...rows]), ...failures].join('\n');
}

function isolationRow(name: string, rounds: readonly IsolationRound[], neighbourThread: string): string[] {
  const middle = (value: (round: IsolationRound) => number, digits = 0) => median(rounds.map(value)).toFixed(digits);
  const pair = (value: (figures: WindowFigures) => number, digits = 0) =>
    `${middle(({ before }) => value(before), digits)}, ${middle(({ during }) => value(during), digits)}`;
  const cores = (thread: string) => middle(({ during }) => during.threadCores[thread] ?? 0, 2);
  const ratios = ratiosOf(rounds);
  return [
    name,
    pair(({ tps }) => tps),
    pair(({ latencyMs }) => latencyMs.p50),
    pair(({ latencyMs }) => latencyMs.p95),
    pair(({ latencyMs }) => latencyMs.p99),
    [ratios.tps, ratios.p50, ratios.p95, ratios.p99].map((ratio) => ratio.toFixed(2)).join(' '),
    pair(({ nodesCores }) => nodesCores, 2),
    cores(neighbourThread),
    `${cores('main')}, ${cores('clients')}`,
    Object.entries(rounds.at(-1)!.counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(', '),
  ];
}
