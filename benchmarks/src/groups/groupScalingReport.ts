import type { Language, Localized } from '@menglian/cli/language';
import type { Environment } from '../measure/environment.js';
import { median, type LatencySummary } from '../measure/percentiles.js';
import { rowTable } from './rowTable.js';

export interface GroupScalingOptions {
  readonly nodes: number;
  /** most groups that get load at once */
  readonly groups: number;
  readonly rounds: number;
  /** of one turn, all groups together */
  readonly transactions: number;
  /** of each group, before anything is measured */
  readonly warmUp: number;
  /** accounts of each group */
  readonly users: number;
  readonly batchSize: number;
  /** of each group: most transactions sent and not yet in a block */
  readonly uncommittedMax: number;
  /** how long nodes without work are watched; 0 measures no idle groups */
  readonly idleSeconds: number;
}

/** One load on some of the groups at once. CPU is of all nodes, in microseconds a transaction of any group. */
export interface GroupTurn {
  readonly loadedGroups: number;
  readonly transactions: number;
  /** sent and in no block */
  readonly lost: number;
  /** from the first send to the last block of the slowest group */
  readonly elapsedMs: number;
  /** of all groups together */
  readonly tps: number;
  readonly latencyMs: LatencySummary;
  readonly groups: readonly {
    readonly groupId: number;
    readonly transactions: number;
    readonly refused: number;
    readonly blocks: number;
    readonly tps: number;
    readonly latencyMs: LatencySummary;
  }[];
  readonly cpuMicrosPerTx: number;
  /** by node */
  readonly processMicrosPerTx: readonly number[];
  /** by name of thread, all nodes together; each group has a thread of its own name */
  readonly threadMicrosPerTx: Readonly<Record<string, number>>;
  readonly generatorMicrosPerTx: number;
  /** processors that nodes and generator kept busy */
  readonly coresBusy: number;
  readonly residentBytes: number;
}

/** Nodes without work, and then a load on the first group alone. */
export interface IdleTurn {
  /** groups that are open on each node; the others are stopped */
  readonly runningGroups: number;
  /** of all nodes */
  readonly cpuMicrosPerSecond: number;
  readonly residentBytes: number;
  readonly tps: number;
  readonly cpuMicrosPerTx: number;
}

export interface GroupScalingReport {
  readonly benchmark: 'groups';
  readonly version: 1;
  readonly environment: Environment;
  readonly options: GroupScalingOptions;
  readonly turns: readonly GroupTurn[];
  readonly idle: readonly IdleTurn[];
}

/** What one group more costs on each node that has nothing to do; medians of the turns. */
export interface IdleCost {
  /** of one node */
  readonly cpuMicrosPerSecond: number;
  readonly residentBytes: number;
  /** throughput of the first group beside all the idle ones, of what it takes alone */
  readonly throughputShare: number;
}

/** @returns undefined where no idle groups were measured */
export function idleCost({ idle, options }: GroupScalingReport): IdleCost | undefined {
  const alone = idle.filter(({ runningGroups }) => runningGroups === 1);
  const beside = idle.filter(({ runningGroups }) => runningGroups > 1);
  if (alone.length === 0 || beside.length === 0) return undefined;
  const added = (options.groups - 1) * options.nodes;
  const grown = (value: (turn: IdleTurn) => number) => (median(beside.map(value)) - median(alone.map(value))) / added;
  return {
    cpuMicrosPerSecond: grown((turn) => turn.cpuMicrosPerSecond),
    residentBytes: grown((turn) => turn.residentBytes),
    throughputShare: median(beside.map(({ tps }) => tps)) / median(alone.map(({ tps }) => tps)),
  };
}

/** The turns with so many loaded groups. */
export function turnsOf({ turns }: Pick<GroupScalingReport, 'turns'>, loadedGroups: number): GroupTurn[] {
  return turns.filter((turn) => turn.loadedGroups === loadedGroups);
}

/** Name of a group's thread. */
export const GROUP_THREAD = /^group(\d+)$/;

/** Median CPU of one kind of thread, all nodes, µs a transaction; the threads of all groups are one kind. */
export function threadMedian(turns: readonly GroupTurn[], isCounted: (name: string) => boolean): number {
  return median(
    turns.map(({ threadMicrosPerTx }) =>
      Object.entries(threadMicrosPerTx).reduce((sum, [name, used]) => sum + (isCounted(name) ? used : 0), 0),
    ),
  );
}

const TEXTS = {
  columns: {
    en: [
      'groups',
      'TPS, all',
      'TPS of each',
      'p50 / p95 / p99 ms',
      'CPU µs/tx',
      'groups’ threads',
      'main',
      'clients',
      'others',
      'cores busy',
    ],
    zh: [
      '群组数',
      '总 TPS',
      '各群组 TPS',
      'p50 / p95 / p99 毫秒',
      'CPU 微秒/笔',
      '群组线程',
      '主线程',
      '客户端线程',
      '其他',
      '占用核数',
    ],
  },
  nodes: { en: 'CPU by node, µs a transaction', zh: '各节点 CPU，微秒/笔' },
  ofThread: { en: 'CPU by thread of a group, µs a transaction of that group', zh: '各群组线程 CPU，微秒/本组每笔' },
  idle: {
    en: 'One idle group more, on each node',
    zh: '每节点每增加一个空闲群组',
  },
} as const;

/** Medians of the turns, a line for each number of loaded groups. */
export function describeGroupScaling(report: GroupScalingReport, language: Language): string {
  const rows: string[][] = [[...TEXTS.columns[language]]];
  const details: string[] = [];
  for (let groups = 1; groups <= report.options.groups; groups++) {
    const turns = turnsOf(report, groups);
    if (turns.length === 0) continue;
    rows.push(scalingRow(groups, turns));
    details.push(
      `${groups}: ${TEXTS.nodes[language]}: ${byNode(turns)}; ${TEXTS.ofThread[language]}: ${byThread(turns)}`,
    );
  }
  const cost = idleCost(report);
  const idle = cost === undefined ? [] : [`${TEXTS.idle[language]}: ${idleText(cost)[language]}`];
  return [rowTable(rows), ...details, ...idle].join('\n');
}

function scalingRow(groups: number, turns: readonly GroupTurn[]): string[] {
  const middle = (value: (turn: GroupTurn) => number) => median(turns.map(value));
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  const eachTps = Array.from({ length: groups }, (_, index) => whole(middle((turn) => turn.groups[index]!.tps)));
  const latency = (['p50', 'p95', 'p99'] as const).map((name) => whole(middle(({ latencyMs }) => latencyMs[name])));
  const named = (name: string) => threadMedian(turns, (thread) => thread === name);
  const rest = (name: string) => !GROUP_THREAD.test(name) && name !== 'main' && name !== 'clients';
  return [
    String(groups),
    whole(middle(({ tps }) => tps)),
    eachTps.join(' '),
    latency.join(' / '),
    whole(middle(({ cpuMicrosPerTx }) => cpuMicrosPerTx)),
    whole(threadMedian(turns, (name) => GROUP_THREAD.test(name))),
    whole(named('main')),
    whole(named('clients')),
    whole(threadMedian(turns, rest)),
    middle(({ coresBusy }) => coresBusy).toFixed(2),
  ];
}

function byNode(turns: readonly GroupTurn[]): string {
  const nodes = turns[0]!.processMicrosPerTx;
  return nodes.map((_, node) => Math.round(median(turns.map((turn) => turn.processMicrosPerTx[node]!)))).join(' ');
}

/** Shares of the transactions are equal, so a group's own cost is that of all transactions times their number. */
function byThread(turns: readonly GroupTurn[]): string {
  return turns[0]!.groups
    .map(({ groupId }) => {
      const used = threadMedian(turns, (name) => name === `group${groupId}`) * turns[0]!.loadedGroups;
      return `${groupId}: ${Math.round(used)}`;
    })
    .join(', ');
}

function idleText({ cpuMicrosPerSecond, residentBytes, throughputShare }: IdleCost): Localized {
  const core = `${(cpuMicrosPerSecond / 10_000).toFixed(2)} %`;
  const memory = `${(residentBytes / 2 ** 20).toFixed(1)} MiB`;
  const share = `${(throughputShare * 100).toFixed(1)} %`;
  return {
    en: `${core} of a core, ${memory}; beside all idle ones the first group takes ${share} of its throughput alone`,
    zh: `占一核的 ${core}，内存 ${memory}；与全部空闲群组并存时首个群组吞吐为单独时的 ${share}`,
  };
}
