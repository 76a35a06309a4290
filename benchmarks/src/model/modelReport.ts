import type { Language } from '@menglian/cli/language';
import {
  GROUP_THREAD,
  idleCost,
  threadMedian,
  turnsOf,
  type GroupScalingReport,
} from '../groups/groupScalingReport.js';
import { rowTable } from '../groups/rowTable.js';
import { median } from '../measure/percentiles.js';
import { predictThroughput, type ModelInput, type ModelOutput, type TransactionCosts } from './coreModel.js';

/** Machines and numbers of groups that are predicted. */
const PREDICTED_CORES = [16, 64];
const PREDICTED_GROUPS = [1, 2, 3, 4, 6, 8, 16, 32];

/** What was measured beside what the model says of the same machine. */
export interface ModelCheck {
  readonly groups: number;
  readonly measuredTps: number;
  readonly predictedTps: number;
}

export interface ModelPrediction extends ModelOutput {
  readonly groups: number;
  /** of each machine */
  readonly cores: number;
  /** all nodes on one machine, or each on its own */
  readonly isOneMachine: boolean;
}

export interface ModelReport {
  /** from the turns with load on one group only */
  readonly costs: TransactionCosts;
  readonly idleMicrosPerSecond: number;
  readonly checks: readonly ModelCheck[];
  readonly predictions: readonly ModelPrediction[];
}

/** Costs as one loaded group shows them; all else is predicted from these. */
export function costsOf(report: GroupScalingReport): TransactionCosts {
  const turns = turnsOf(report, 1);
  const { nodes } = report.options;
  const isOther = (name: string) => !GROUP_THREAD.test(name) && name !== 'main' && name !== 'clients';
  return {
    generator: median(turns.map(({ generatorMicrosPerTx }) => generatorMicrosPerTx)),
    clients: threadMedian(turns, (name) => name === 'clients'),
    group: threadMedian(turns, (name) => GROUP_THREAD.test(name)) / nodes,
    main: threadMedian(turns, (name) => name === 'main') / nodes,
    helpers: threadMedian(turns, isOther) / nodes,
  };
}

/** @param report with turns of one loaded group */
export function modelOf(report: GroupScalingReport): ModelReport {
  const { options, environment } = report;
  const costs = costsOf(report);
  const idleMicrosPerSecond = Math.max(0, idleCost(report)?.cpuMicrosPerSecond ?? 0);
  const { nodes, uncommittedMax } = options;
  const input: Omit<ModelInput, 'groups' | 'cores' | 'isOneMachine'> = {
    costs,
    nodes,
    idleMicrosPerSecond,
    uncommittedMax,
  };
  const measured = Array.from({ length: options.groups }, (_, index) => index + 1).filter(
    (groups) => turnsOf(report, groups).length > 0,
  );
  return {
    costs,
    idleMicrosPerSecond,
    checks: measured.map((groups) => ({
      groups,
      measuredTps: median(turnsOf(report, groups).map(({ tps }) => tps)),
      predictedTps: predictThroughput({ ...input, groups, cores: environment.cores, isOneMachine: true }).tps,
    })),
    predictions: [true, false].flatMap((isOneMachine) =>
      PREDICTED_CORES.flatMap((cores) =>
        PREDICTED_GROUPS.map((groups) => ({
          groups,
          cores,
          isOneMachine,
          ...predictThroughput({ ...input, groups, cores, isOneMachine }),
        })),
      ),
    ),
  };
}

const TEXTS = {
  costs: {
    en: 'Model, µs a transaction: generator, clients’ thread; on each node group’s thread, main thread, helpers',
    zh: '模型，微秒/笔：压测程序、客户端线程；每节点群组线程、主线程、辅助线程',
  },
  checks: {
    en: ['groups here', 'measured TPS', 'predicted', 'predicted to measured'],
    zh: ['本机群组数', '实测 TPS', '预测', '预测与实测之比'],
  },
  groups: { en: 'groups', zh: '群组数' },
  oneMachine: {
    en: (cores: number) => `all nodes and clients on ${cores} cores`,
    zh: (cores: number) => `全部节点与客户端共 ${cores} 核`,
  },
  ownMachines: { en: (cores: number) => `each node on ${cores} cores`, zh: (cores: number) => `每节点 ${cores} 核` },
  bounds: {
    en: {
      cores: 'cores',
      'group threads': 'group threads',
      'main threads': 'main threads',
      'clients threads': "clients' threads",
      generator: 'generator',
    },
    zh: {
      cores: '核数',
      'group threads': '群组线程',
      'main threads': '主线程',
      'clients threads': '客户端线程',
      generator: '压测程序',
    },
  },
} as const;

/** What the model takes from the measurement, how near it comes to it, and what it says of larger machines. */
export function describeModel({ costs, checks, predictions }: ModelReport, language: Language): string {
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  const { generator, clients, group, main, helpers } = costs;
  const checkRows = checks.map(({ groups, measuredTps, predictedTps }) => [
    String(groups),
    whole(measuredTps),
    whole(predictedTps),
    (predictedTps / measuredTps).toFixed(2),
  ]);
  const machines = [...new Set(predictions.map(({ cores, isOneMachine }) => `${isOneMachine}/${cores}`))];
  const of = (machine: string) =>
    predictions.filter(({ cores, isOneMachine }) => `${isOneMachine}/${cores}` === machine);
  const heading = machines.map((machine) => {
    const { cores, isOneMachine } = of(machine)[0]!;
    return TEXTS[isOneMachine ? 'oneMachine' : 'ownMachines'][language](cores);
  });
  const rows = PREDICTED_GROUPS.map((groups) => [
    String(groups),
    ...machines.map((machine) => {
      const one = of(machine).find((prediction) => prediction.groups === groups)!;
      return `${whole(one.tps)} (${TEXTS.bounds[language][one.boundBy]})`;
    }),
  ]);
  return [
    `${TEXTS.costs[language]}: ${[generator, clients, group, main, helpers].map((cost) => cost.toFixed(1)).join(', ')}`,
    rowTable([[...TEXTS.checks[language]], ...checkRows]),
    rowTable([[TEXTS.groups[language], ...heading], ...rows]),
  ].join('\n\n');
}
