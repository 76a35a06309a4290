import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predictThroughput, throughputBound, type ModelInput } from './coreModel.js';

const INPUT: ModelInput = {
  costs: { generator: 10, clients: 18, group: 45, main: 10, helpers: 12 },
  nodes: 4,
  groups: 1,
  cores: 2,
  isOneMachine: true,
  idleMicrosPerSecond: 1000,
  uncommittedMax: 5000,
};

function expectNear(value: number, wanted: number, tolerance: number): void {
  expect(value / wanted).toBeGreaterThan(1 - tolerance);
  expect(value / wanted).toBeLessThan(1 + tolerance);
}

describe('throughput of a simulated chain', () => {
  it('is that of the cores where they are few, whatever the number of groups', () => {
    const wanted = 2e6 / (4 * (45 + 10 + 12) + 18 + 10);
    for (const groups of [1, 2, 4]) expectNear(predictThroughput({ ...INPUT, groups }).tps, wanted, 0.1);
  });

  it('grows with the groups where the cores are many, until the main threads are full', () => {
    const onMany = (groups: number) => predictThroughput({ ...INPUT, cores: 64, isOneMachine: false, groups });
    const one = onMany(1);
    expectNear(one.tps, 1e6 / 45, 0.15);
    expect(one.boundBy).toBe('group threads');
    expectNear(onMany(2).tps / one.tps, 2, 0.05);
    expectNear(onMany(4).tps / one.tps, 4, 0.1);
    const many = onMany(16);
    expect(many.boundBy).toBe('main threads');
    expectNear(many.tps, 1e6 / 10, 0.1);
  });

  it('is that of one thread on a machine of its own, where a node has nobody to wait for', () => {
    const { tps } = predictThroughput({ ...INPUT, nodes: 1, cores: 16, uncommittedMax: 20_000 });
    expectNear(tps, 1e6 / 45, 0.05);
  });

  it('loses to idle work what it takes', () => {
    const busy = { ...INPUT, groups: 4, idleMicrosPerSecond: 50_000 };
    const [idle, none] = [busy, { ...busy, idleMicrosPerSecond: 0 }].map((input) => predictThroughput(input).tps);
    // Four groups on four nodes with a twentieth of a core each are 0.8 of the two cores.
    expectNear(idle! / none!, 0.6, 0.08);
  });

  it('exceeds no bound, and is the same each time', () => {
    const cost = fc.integer({ min: 10, max: 200 });
    const input = fc.record({
      costs: fc.record({ generator: cost, clients: cost, group: cost, main: cost, helpers: cost }),
      nodes: fc.integer({ min: 1, max: 5 }),
      groups: fc.integer({ min: 1, max: 4 }),
      cores: fc.integer({ min: 1, max: 8 }),
      isOneMachine: fc.boolean(),
      idleMicrosPerSecond: fc.integer({ min: 0, max: 5000 }),
      uncommittedMax: fc.integer({ min: 100, max: 10_000 }),
    });
    fc.assert(
      fc.property(input, (one) => {
        const { tps, boundTps } = predictThroughput(one);
        // Of the blocks that end in the three measured seconds, as many as a group has under way were begun before.
        const begunBefore = one.groups * Math.min(one.uncommittedMax, 8 * 1000);
        expect(tps).toBeLessThanOrEqual(boundTps + begunBefore / 3);
        expect(tps).toBeGreaterThan(0);
        expect(predictThroughput(one).tps).toBe(tps);
      }),
      { numRuns: 100 },
    );
  });

  it('names what bounds it', () => {
    const bounds = (change: Partial<ModelInput['costs']>, cores = 64) =>
      throughputBound({ ...INPUT, cores, costs: { ...INPUT.costs, ...change } }).boundBy;
    expect(bounds({}, 2)).toBe('cores');
    expect(bounds({})).toBe('group threads');
    expect(bounds({ main: 100 })).toBe('main threads');
    expect(bounds({ clients: 1000 })).toBe('clients threads');
    expect(bounds({ generator: 500 })).toBe('generator');
  });
});
