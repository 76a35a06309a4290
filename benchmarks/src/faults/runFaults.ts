import { BenchChain } from '../chain/benchChain.js';
import { describeMachine } from '../measure/environment.js';
import { say } from '../measure/progress.js';
import { FaultBench, type FaultOptions } from './faultBench.js';
import type { FaultReport, ThroughputShare } from './faultReport.js';
import { measureHostile } from './hostile.js';
import { measureLeaderDeaths } from './leaderDeath.js';
import { nextLeader } from './nextLeader.js';
import { measureOutage } from './outage.js';

/** By the names that `--measure` takes. */
const MEASUREMENTS: Readonly<Record<string, (bench: FaultBench) => Promise<Partial<FaultReport>>>> = {
  'leader-dead': async (bench) => ({ leaderDead: await measureDead(bench) }),
  'leader-death': async (bench) => ({ leaderDeath: await measureLeaderDeaths(bench) }),
  outage: async (bench) => ({ outage: await measureOutage(bench) }),
  hostile: async (bench) => ({ hostile: await measureHostile(bench) }),
};

export const MEASUREMENT_NAMES: readonly string[] = Object.keys(MEASUREMENTS);

/** All that there are, if nobody chose; Raft has no views to change. */
function measurementsOf({ measurements, consensus }: FaultOptions): readonly string[] {
  return (measurements ?? MEASUREMENT_NAMES).filter((name) => consensus !== 'raft' || name !== 'hostile');
}

/** Measures one fresh chain under faults and removes it again. */
export async function runFaults(options: FaultOptions): Promise<FaultReport> {
  const names = measurementsOf(options);
  return BenchChain.use(options, async (chain) => {
    const bench = new FaultBench(chain, options);
    await bench.prepare();
    const report: FaultReport = {
      benchmark: 'faults',
      consensus: options.consensus,
      nodes: options.nodes,
      machine: describeMachine(),
      transactions: options.transactions,
    };
    for (const name of names) Object.assign(report, await MEASUREMENTS[name]!(bench));
    say('');
    return report;
  });
}

/** By turns, so that a chain that grows and a machine that warms up favour neither. */
async function measureDead(bench: FaultBench): Promise<ThroughputShare> {
  const [allAlive, dead]: [number[], number[]] = [[], []];
  for (let round = 0; round < bench.options.rounds; round++) {
    allAlive.push(await bench.throughput('all alive', bench.chain.indexes));
    const leader = await nextLeader(bench.chain);
    await bench.chain.nodes[leader]!.kill();
    dead.push(await bench.throughput('leader dead', bench.others(leader)));
    await bench.restart(leader);
  }
  return { without: allAlive, with: dead };
}
