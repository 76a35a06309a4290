import { setTimeout as sleep } from 'node:timers/promises';
import { BenchChain } from '../chain/benchChain.js';
import type { LoadResult } from '../load/load.js';
import type { PreparedLoad } from '../load/preparedLoad.js';
import { describeEnvironment } from '../measure/environment.js';
import { summarizeLatencies } from '../measure/percentiles.js';
import { cpuMicroseconds, residentBytes } from '../measure/processStats.js';
import { say } from '../measure/progress.js';
import { NAMED_THREADS, threadGrowth, threadMicroseconds } from '../measure/threadStats.js';
import { createGroups, type BenchGroup } from './benchGroup.js';
import type { GroupScalingOptions, GroupScalingReport, GroupTurn, IdleTurn } from './groupScalingReport.js';

/** After groups have started or stopped, until the nodes are measured idle. */
const SETTLE_MS = 3000;

/** Measures a fresh chain with loads on one group, on two and so on by turns, and removes it again. */
export async function measureGroupScaling(
  options: GroupScalingOptions,
  ports: string,
  onTurn: (report: GroupScalingReport) => void,
): Promise<GroupScalingReport> {
  const environment = describeEnvironment();
  const { nodes } = options;
  return BenchChain.use({ nodes, consensus: 'pbft', sm: false, ports, environment: NAMED_THREADS }, async (chain) => {
    say('making groups');
    const bench = new ScalingBench(chain, await createGroups(chain, options), options);
    const [turns, idle]: [GroupTurn[], IdleTurn[]] = [[], []];
    const report = (): GroupScalingReport => ({
      benchmark: 'groups',
      version: 1,
      environment,
      options,
      turns: [...turns],
      idle: [...idle],
    });
    for (let round = 1; round <= options.rounds; round++) {
      for (let groups = 1; groups <= options.groups; groups++) {
        say(`round ${round} of ${options.rounds}: load on ${groups} of ${options.groups} groups`);
        turns.push(await bench.load(groups));
        onTurn(report());
      }
    }
    for (let round = 1; round <= options.rounds && options.groups > 1 && options.idleSeconds > 0; round++) {
      say(`round ${round} of ${options.rounds}: idle groups`);
      await bench.stopOthers();
      idle.push(await bench.idle(1));
      await bench.startOthers();
      idle.push(await bench.idle(options.groups));
      onTurn(report());
    }
    say('');
    return report();
  });
}

class ScalingBench {
  readonly #chain: BenchChain;
  readonly #groups: readonly BenchGroup[];
  readonly #options: GroupScalingOptions;

  constructor(chain: BenchChain, groups: readonly BenchGroup[], options: GroupScalingOptions) {
    this.#chain = chain;
    this.#groups = groups;
    this.#options = options;
  }

  /** The same number of transactions each time, dealt out to so many groups; the others run and have nothing to do. */
  async load(loaded: number): Promise<GroupTurn> {
    const { transactions, batchSize, uncommittedMax } = this.#options;
    const { pids } = this.#chain;
    const groups = this.#groups.slice(0, loaded);
    const share = { count: Math.ceil(transactions / loaded), batchSize };
    const prepared: PreparedLoad[] = [];
    for (const group of groups) prepared.push(await group.sign(share));
    const before = { cpu: pids.map((pid) => cpuMicroseconds([pid])), threads: threadMicroseconds(pids, sameName) };
    const generatorBefore = process.cpuUsage();
    const startedAtMs = performance.now();
    const results = await Promise.all(
      groups.map(async (group, index) => group.run(prepared[index]!, { uncommittedMax })),
    );
    const elapsedMs = Math.max(...results.map((result) => result.elapsedMs));
    const wallMs = performance.now() - startedAtMs;
    const { user, system } = process.cpuUsage(generatorBefore);
    const cpu = pids.map((pid, index) => cpuMicroseconds([pid]) - before.cpu[index]!);
    const threads = threadGrowth(before.threads, threadMicroseconds(pids, sameName));
    const committed = results.reduce((sum, result) => sum + result.committed, 0);
    const each = (total: number) => tenths(total / Math.max(1, committed));
    return {
      loadedGroups: loaded,
      transactions: committed,
      lost: share.count * loaded - committed,
      elapsedMs: Math.round(elapsedMs),
      tps: tenths((committed * 1000) / elapsedMs),
      latencyMs: summarizeLatencies(Float64Array.from(results.flatMap(({ latenciesMs }) => [...latenciesMs])).sort()),
      groups: groups.map(({ groupId }, index) => groupFigures(groupId, results[index]!)),
      cpuMicrosPerTx: each(cpu.reduce((sum, used) => sum + used, 0)),
      processMicrosPerTx: cpu.map(each),
      threadMicrosPerTx: Object.fromEntries(Object.entries(threads).map(([name, used]) => [name, each(used)])),
      generatorMicrosPerTx: each(user + system),
      coresBusy: tenths((cpu.reduce((sum, used) => sum + used, 0) + user + system) / 100 / wallMs) / 10,
      residentBytes: residentBytes(pids),
    };
  }

  async stopOthers(): Promise<void> {
    for (const group of this.#groups.slice(1)) await group.stop();
  }

  async startOthers(): Promise<void> {
    for (const group of this.#groups.slice(1)) await group.start();
  }

  /** What nodes use that have nothing to do, and what the first group then takes. @param running groups that are open */
  async idle(running: number): Promise<IdleTurn> {
    const { pids } = this.#chain;
    await sleep(SETTLE_MS);
    const before = cpuMicroseconds(pids);
    const startedAtMs = performance.now();
    await sleep(this.#options.idleSeconds * 1000);
    const used = cpuMicroseconds(pids) - before;
    const seconds = (performance.now() - startedAtMs) / 1000;
    const idleBytes = residentBytes(pids);
    const { tps, cpuMicrosPerTx } = await this.load(1);
    return {
      runningGroups: running,
      cpuMicrosPerSecond: Math.round(used / seconds),
      residentBytes: idleBytes,
      tps,
      cpuMicrosPerTx,
    };
  }
}

function groupFigures(groupId: number, { committed, elapsedMs, latenciesMs, blocks, refused }: LoadResult) {
  const tps = tenths((committed * 1000) / Math.max(1, elapsedMs));
  return { groupId, transactions: committed, refused, blocks, tps, latencyMs: summarizeLatencies(latenciesMs) };
}

function sameName(name: string): string {
  return name;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
