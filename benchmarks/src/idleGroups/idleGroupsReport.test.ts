import { expect, it } from 'vitest';
import { describeEnvironment } from '../measure/environment.js';
import { counts } from './idleGroups.js';
import { describeIdleGroups, type IdleStep } from './idleGroupsReport.js';

it('goes through powers of two, and ends with what was asked for', () => {
  expect([counts(1), counts(2), counts(6), counts(16)]).toEqual([[1], [1, 2], [1, 2, 4, 6], [1, 2, 4, 8, 16]]);
});

it('tells what each group has added', () => {
  const step = (groups: number, perGroup: number): IdleStep => ({
    groups,
    cpuMicrosPerSecond: 10_000 + perGroup * 2000,
    residentBytes: (100 + perGroup * 7) * 2 ** 20,
    threads: 12 + perGroup,
    files: 30 + perGroup * 3,
  });
  const report = {
    benchmark: 'idle-groups',
    version: 1,
    environment: describeEnvironment(),
    options: { nodes: 4, groups: 4, windowSeconds: 10 },
    steps: [step(1, 0), step(4, 3)],
  } as const;
  const [title, head, one, four] = describeIdleGroups(report, 'en').split('\n');
  expect(title).toBe('Of one idle node, average of 4');
  expect(head).toContain('one more: CPU ms/s');
  expect(one!.trim().split(/\s+/)).toEqual(['1', '10.0', '100.0', '12.0', '30.0']);
  expect(four!.trim().split(/\s+/)).toEqual(['4', '16.0', '121.0', '15.0', '39.0', '2.0', '7.0', '1.0', '3.0']);
});
