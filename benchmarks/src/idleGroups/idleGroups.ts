import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchChain } from '../chain/benchChain.js';
import { BenchGroup } from '../groups/benchGroup.js';
import { describeEnvironment } from '../measure/environment.js';
import { cpuMicroseconds, residentBytes } from '../measure/processStats.js';
import { say } from '../measure/progress.js';
import type { IdleGroupsOptions, IdleGroupsReport, IdleStep } from './idleGroupsReport.js';

/** After groups have started, until the nodes are watched. */
const SETTLE_MS = 5000;

/** Watches nodes of a fresh chain that have nothing to do, with one group, two, four and so on, and removes it again. */
export async function measureIdleGroups(options: IdleGroupsOptions, ports: string): Promise<IdleGroupsReport> {
  const environment = describeEnvironment();
  return BenchChain.use({ nodes: options.nodes, consensus: 'pbft', sm: false, ports }, async (chain) => {
    const steps: IdleStep[] = [];
    let running = 1;
    for (const groups of counts(options.groups)) {
      say(`${groups} of ${options.groups} groups on ${options.nodes} nodes`);
      while (running < groups) await BenchGroup.create(chain, ++running);
      await sleep(SETTLE_MS);
      steps.push(await watch(chain.pids, groups, options.windowSeconds));
    }
    say('');
    return { benchmark: 'idle-groups', version: 1, environment, options, steps };
  });
}

/** Powers of two up to the largest number of groups, and that itself. */
export function counts(most: number): number[] {
  const all: number[] = [];
  for (let groups = 1; groups < most; groups *= 2) all.push(groups);
  return [...all, most];
}

async function watch(pids: readonly number[], groups: number, windowSeconds: number): Promise<IdleStep> {
  const before = cpuMicroseconds(pids);
  const startedAtMs = performance.now();
  await sleep(windowSeconds * 1000);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const ofNode = (total: number) => total / pids.length;
  return {
    groups,
    cpuMicrosPerSecond: ofNode((cpuMicroseconds(pids) - before) / seconds),
    residentBytes: ofNode(residentBytes(pids)),
    threads: ofNode(entries(pids, 'task')),
    files: ofNode(entries(pids, 'fd')),
  };
}

function entries(pids: readonly number[], folder: string): number {
  return pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/${folder}`).length, 0);
}
