import { expect, it } from 'vitest';
import type { GroupScalingReport, GroupTurn } from '../groups/groupScalingReport.js';
import { costsOf, describeModel, modelOf } from './modelReport.js';

const LATENCY = { p50: 1, p95: 2, p99: 3, max: 4 };

function turn(loadedGroups: number): GroupTurn {
  const groups = Array.from({ length: loadedGroups }, (_, index) => ({
    groupId: index + 1,
    transactions: 1000,
    refused: 0,
    blocks: 1,
    tps: 6000 / loadedGroups,
    latencyMs: LATENCY,
  }));
  const ofGroups = Object.fromEntries(groups.map(({ groupId }) => [`group${groupId}`, 180 / loadedGroups]));
  return {
    loadedGroups,
    transactions: 1000 * loadedGroups,
    lost: 0,
    elapsedMs: 1000,
    tps: 6000,
    latencyMs: LATENCY,
    groups,
    cpuMicrosPerTx: 286,
    processMicrosPerTx: [72, 71, 72, 71],
    threadMicrosPerTx: { ...ofGroups, main: 40, clients: 18, v8: 28, libuv: 20 },
    generatorMicrosPerTx: 10,
    coresBusy: 1.9,
    residentBytes: 1e9,
  };
}

const REPORT: GroupScalingReport = {
  benchmark: 'groups',
  version: 1,
  environment: {
    cores: 2,
    model: 'test',
    memoryBytes: 1,
    node: 'v20',
    system: 'test',
    startedAt: '',
    loadAverage: 0,
    commit: undefined,
  },
  options: {
    nodes: 4,
    groups: 3,
    rounds: 1,
    transactions: 1000,
    warmUp: 0,
    users: 8,
    batchSize: 100,
    uncommittedMax: 5000,
    idleSeconds: 1,
  },
  turns: [turn(1), turn(2), turn(3)],
  idle: [
    { runningGroups: 1, cpuMicrosPerSecond: 20_000, residentBytes: 1e9, tps: 6000, cpuMicrosPerTx: 286 },
    { runningGroups: 3, cpuMicrosPerSecond: 28_000, residentBytes: 1.8e9, tps: 5940, cpuMicrosPerTx: 288 },
  ],
};

it('takes the costs of one node from the turns with one loaded group', () => {
  expect(costsOf(REPORT)).toEqual({ generator: 10, clients: 18, group: 45, main: 10, helpers: 12 });
});

it('checks itself against each measured number of groups, and knows what idle ones take', () => {
  const { checks, idleMicrosPerSecond } = modelOf(REPORT);
  expect(idleMicrosPerSecond).toBe(1000);
  expect(checks.map(({ groups }) => groups)).toEqual([1, 2, 3]);
  for (const { predictedTps, measuredTps } of checks) expect(predictedTps / measuredTps).toBeGreaterThan(0.9);
});

it.each(['en', 'zh'] as const)('is told in tables in %s', (language) => {
  const text = describeModel(modelOf(REPORT), language);
  expect(text.split('\n\n')).toHaveLength(3);
  expect(text).not.toMatch(/NaN|undefined/);
  expect(text).toMatch(/^32 /m);
});
