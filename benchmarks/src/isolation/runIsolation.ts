import { setTimeout as sleep } from 'node:timers/promises';
import { BenchChain } from '../chain/benchChain.js';
import { createGroups, type BenchGroup } from '../groups/benchGroup.js';
import type { LoadResult } from '../load/load.js';
import { describeEnvironment } from '../measure/environment.js';
import { summarizeLatencies } from '../measure/percentiles.js';
import { cpuMicroseconds } from '../measure/processStats.js';
import { say } from '../measure/progress.js';
import { NAMED_THREADS, threadGrowth, threadMicroseconds } from '../measure/threadStats.js';
import type { Attack } from './attack.js';
import { APART_NAMES, ATTACKS, type AttackedGroup } from './attacks.js';
import type { IsolationOptions, IsolationReport, IsolationRound, WindowFigures } from './isolationReport.js';
import { neighbourEnvironment } from './neighbourTriggers.js';
import { spareThreads } from './spareThreads.js';

const NEIGHBOUR_ID = 2;
export const NEIGHBOUR_THREAD = `group${NEIGHBOUR_ID}`;

/** Between an attack and the window before the next one. */
const SETTLE_MS = 2000;
/** From the begin of an attack to the first transaction of the victim. */
const LEAD_MS = 1000;
/** Beyond the window: signing, and the last blocks. */
const ATTACK_SLACK_MS = 2000;
/** A batch holds what arrives in this time, so that latencies are not those of filling a batch. */
const BATCH_MS = 10;
const UNCOMMITTED_MAX = 100_000;
const MICROSECONDS = 1_000_000;
/** Between the ports of two chains: more than a chain has nodes. */
const PORTS_APART = 100;

/** Measures a victim group beside a neighbour on the same nodes that is idle and attacked by turns. */
export async function runIsolation(
  options: IsolationOptions,
  ports: string,
  onRound: (report: IsolationReport) => void,
): Promise<IsolationReport> {
  const environment = describeEnvironment();
  const rounds: IsolationRound[] = [];
  const report = (): IsolationReport => ({
    benchmark: 'isolation',
    version: 1,
    environment,
    options,
    rounds: [...rounds],
  });
  const { nodes, attacks } = options;
  const environmentOfNodes = neighbourEnvironment(NEIGHBOUR_ID, NAMED_THREADS);
  const setUp = { nodes, consensus: 'pbft', sm: false, environment: environmentOfNodes } as const;
  const onEach = (round: IsolationRound) => {
    rounds.push(round);
    onRound(report());
  };
  return BenchChain.use({ ...setUp, ports }, async (chain) => {
    const [victim, attacked] = await prepareChain(chain, options, ports);
    if (!attacks.some((name) => APART_NAMES.has(name))) {
      await measureRounds({ victim, attacked, apart: undefined }, options, onEach);
      return report();
    }
    const otherPorts = portsBeside(ports);
    return BenchChain.use({ ...setUp, ports: otherPorts }, async (other) => {
      const [, apart] = await prepareChain(other, options, otherPorts);
      await measureRounds({ victim, attacked, apart }, options, onEach);
      return report();
    });
  });
}

/** @returns the group that is measured, and the one that is attacked */
async function prepareChain(
  chain: BenchChain,
  options: IsolationOptions,
  ports: string,
): Promise<readonly [BenchGroup, AttackedGroup]> {
  say('making groups');
  const [victim, neighbour] = (await createGroups(chain, { ...options, groups: 2 })) as [BenchGroup, BenchGroup];
  return [victim, { chain, neighbour, channelPort: Number(ports.split(',')[1]) }];
}

/** @param ports `p2p,channel,rpc` */
function portsBeside(ports: string): string {
  return ports
    .split(',')
    .map((port) => Number(port) + PORTS_APART)
    .join(',');
}

async function measureRounds(
  groups: {
    readonly victim: BenchGroup;
    readonly attacked: AttackedGroup;
    readonly apart: AttackedGroup | undefined;
  },
  options: IsolationOptions,
  onRound: (round: IsolationRound) => void,
): Promise<void> {
  const { victim, attacked, apart } = groups;
  const pids = () => [...attacked.chain.pids, ...(apart?.chain.pids ?? [])];
  const stopSparing = options.isSpare ? spareThreads(pids, NEIGHBOUR_THREAD) : () => undefined;
  const lastsMs = LEAD_MS + options.window * 1000 + ATTACK_SLACK_MS;
  const context = { ...attacked, apart, lastsMs, isSpare: options.isSpare };
  const attacks = options.attacks.map((name) => ATTACKS[name]!(context));
  const bench = new IsolationBench(attacked.chain, victim, options);
  try {
    for (let round = 1; round <= options.rounds; round++) {
      for (const attack of attacks) {
        say(`round ${round} of ${options.rounds}: ${attack.name}`);
        onRound(await bench.round(attack));
      }
    }
  } finally {
    stopSparing();
  }
  say('');
}

class IsolationBench {
  readonly #chain: BenchChain;
  readonly #victim: BenchGroup;
  readonly #options: IsolationOptions;

  constructor(chain: BenchChain, victim: BenchGroup, options: IsolationOptions) {
    this.#chain = chain;
    this.#victim = victim;
    this.#options = options;
  }

  async round(attack: Attack): Promise<IsolationRound> {
    await sleep(SETTLE_MS);
    const before = await this.#window(async () => undefined);
    const during = await this.#window(async () => {
      await attack.begin();
      await sleep(LEAD_MS);
    });
    return { attack: attack.name, before, during, counts: await attack.end() };
  }

  /** @param begin when everything is signed, before the first transaction */
  async #window(begin: () => Promise<void>): Promise<WindowFigures> {
    const { rate, window } = this.#options;
    const shape = { count: rate * window, batchSize: Math.max(1, Math.round((rate * BATCH_MS) / 1000)) };
    const prepared = await this.#victim.sign(shape);
    await begin();
    const { pids } = this.#chain;
    const cpuBefore = cpuOf(pids);
    const threadsBefore = threadMicroseconds(pids, (name) => name);
    const generatorBefore = process.cpuUsage();
    const startedAtMs = performance.now();
    const load = { ratePerSecond: rate, uncommittedMax: UNCOMMITTED_MAX };
    const result = await this.#victim.run(prepared, load).catch((error: unknown) => failed(error));
    const seconds = (performance.now() - startedAtMs) / 1000;
    const { user, system } = process.cpuUsage(generatorBefore);
    const threads = threadGrowth(
      threadsBefore,
      threadMicroseconds(pids, (name) => name),
    );
    const cores = (micros: number) => Math.round((1000 * micros) / MICROSECONDS / seconds) / 1000;
    return {
      sent: shape.count,
      committed: result.committed,
      refused: result.refused,
      tps: Math.round((result.committed * 10_000) / Math.max(1, result.elapsedMs)) / 10,
      latencyMs: summarizeLatencies(result.latenciesMs),
      nodesCores: cores(Math.max(0, cpuOf(pids) - cpuBefore)),
      generatorCores: cores(user + system),
      threadCores: Object.fromEntries(Object.entries(threads).map(([name, used]) => [name, cores(used)])),
      ...('failure' in result ? { failure: result.failure } : {}),
    };
  }
}

type Failed = Pick<LoadResult, 'committed' | 'refused' | 'elapsedMs' | 'latenciesMs'> & { readonly failure: string };

/** A node that is gone answers nobody. */
function failed(error: unknown): Failed {
  const failure = error instanceof Error ? error.message : String(error);
  return { committed: 0, refused: 0, elapsedMs: 0, latenciesMs: new Float64Array(0), failure };
}

/** Of those that still run. */
function cpuOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      return sum + cpuMicroseconds([pid]);
    } catch {
      return sum;
    }
  }, 0);
}
