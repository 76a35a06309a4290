import { expect, it } from 'vitest';
import { describeIsolation, ratiosOf, type IsolationReport, type IsolationRound } from './isolationReport.js';

function figures(tps: number, p99: number) {
  return {
    sent: 100,
    committed: 100,
    refused: 0,
    tps,
    latencyMs: { p50: 10, p95: 20, p99, max: 50 },
    nodesCores: 0.5,
    generatorCores: 0.1,
    threadCores: { group1: 0.2, group2: 0.1, main: 0.1, clients: 0.05 },
  };
}

function round(attack: string, duringTps: number, duringP99: number): IsolationRound {
  return { attack, before: figures(100, 40), during: figures(duringTps, duringP99), counts: { posts: 7 } };
}

it('compares each attack with the window just before it, and takes the median of the rounds', () => {
  const rounds = [round('flood', 100, 40), round('flood', 90, 60), round('flood', 95, 400)];
  expect(ratiosOf(rounds)).toEqual({ tps: 0.95, p50: 1, p95: 1, p99: 1.5 });
});

it('tells a line an attack, and why a load was given up', () => {
  const dead = { ...round('crash', 0, 0), during: { ...figures(0, 0), failure: 'nobody answers' } };
  const report = { rounds: [round('idle', 100, 40), dead, round('idle', 100, 40)] } as unknown as IsolationReport;
  const lines = describeIsolation(report, 'group2', 'en').split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/^idle +100, 100 .*1\.00 1\.00 1\.00 1\.00 .*posts 7$/);
  expect(lines[3]).toBe('crash: nobody answers');
});
