import type { Language, Localized } from '@menglian/cli/language';
import { rowTable } from '../groups/rowTable.js';
import type { Environment } from '../measure/environment.js';

export interface IdleGroupsOptions {
  readonly nodes: number;
  /** the most that run */
  readonly groups: number;
  /** how long the nodes are watched with each number of groups */
  readonly windowSeconds: number;
}

/** What one node has and uses, on average of all nodes. */
export interface IdleStep {
  readonly groups: number;
  readonly cpuMicrosPerSecond: number;
  readonly residentBytes: number;
  readonly threads: number;
  /** open files, sockets too */
  readonly files: number;
}

export interface IdleGroupsReport {
  readonly benchmark: 'idle-groups';
  readonly version: 1;
  readonly environment: Environment;
  readonly options: IdleGroupsOptions;
  /** ascending by groups */
  readonly steps: readonly IdleStep[];
}

const COLUMNS = {
  en: ['groups', 'CPU ms/s', 'memory MiB', 'threads', 'files', 'one more: CPU ms/s', 'memory MiB', 'threads', 'files'],
  zh: ['群组数', 'CPU 毫秒/秒', '内存 MiB', '线程', '文件', '每增一组：CPU 毫秒/秒', '内存 MiB', '线程', '文件'],
} as const satisfies Readonly<Record<Language, readonly string[]>>;

const TITLE: Localized = { en: 'Of one idle node, average of', zh: '单个空闲节点，节点数' };

/** A line for each number of groups, with what each group has added since the line before. */
export function describeIdleGroups({ options, steps }: IdleGroupsReport, language: Language): string {
  const rows = steps.map((step, index) => {
    const before = steps[index - 1];
    const added = step.groups - (before?.groups ?? 0) || 1;
    const more = before === undefined ? NOTHING : cells(difference(step, before), added);
    return [String(step.groups), ...cells(step, 1), ...more];
  });
  return `${TITLE[language]} ${options.nodes}\n${rowTable([COLUMNS[language], ...rows])}`;
}

const NOTHING = ['', '', '', ''];

type Costs = Omit<IdleStep, 'groups'>;

function difference(now: Costs, then: Costs): Costs {
  return {
    cpuMicrosPerSecond: now.cpuMicrosPerSecond - then.cpuMicrosPerSecond,
    residentBytes: now.residentBytes - then.residentBytes,
    threads: now.threads - then.threads,
    files: now.files - then.files,
  };
}

function cells({ cpuMicrosPerSecond, residentBytes, threads, files }: Costs, groups: number): string[] {
  return [
    (cpuMicrosPerSecond / 1000 / groups).toFixed(1),
    (residentBytes / 2 ** 20 / groups).toFixed(1),
    (threads / groups).toFixed(1),
    (files / groups).toFixed(1),
  ];
}
