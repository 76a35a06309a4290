import { expect, it } from 'vitest';
import { idleCost, type GroupScalingReport } from './groupScalingReport.js';
import { rowTable } from './rowTable.js';

const idle = (runningGroups: number, cpuMicrosPerSecond: number, residentBytes: number, tps: number) => {
  return { runningGroups, cpuMicrosPerSecond, residentBytes, tps, cpuMicrosPerTx: 300 };
};

it('divides what idle groups cost by the groups added and the nodes that hold them', () => {
  const report = {
    options: { groups: 3, nodes: 4 },
    idle: [
      idle(1, 10_000, 1000, 100),
      idle(3, 18_000, 9000, 99),
      idle(1, 12_000, 1000, 100),
      idle(3, 20_000, 9000, 97),
    ],
  } as unknown as GroupScalingReport;
  expect(idleCost(report)).toEqual({ cpuMicrosPerSecond: 1000, residentBytes: 1000, throughputShare: 0.98 });
  expect(idleCost({ ...report, idle: [] })).toBeUndefined();
});

it('aligns the columns of a table, wide characters counted as two', () => {
  expect(
    rowTable([
      ['群组', 'a'],
      ['1', 'bb'],
    ]),
  ).toBe('群组  a\n1     bb');
});
