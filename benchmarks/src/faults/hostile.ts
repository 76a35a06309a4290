import { readFileSync } from 'node:fs';
import { residentBytes } from '../measure/processStats.js';
import { settled } from './blockClock.js';
import type { FaultBench } from './faultBench.js';
import type { HostileLoad } from './faultReport.js';
import { hostileEnvironment } from './hostileEnvironment.js';

/**
 * How many messages a second to each of the others, and whether the node also leads and votes. One message in 10 ms is
 * what once stopped chains of FISCO BCOS (CVE-2022-26534).
 */
const BEHAVIOURS = [
  { perSecond: 100, votes: true },
  { perSecond: 1000, votes: true },
  { perSecond: 5000, votes: true },
  { perSecond: 1000, votes: false },
];

/**
 * The last node sends hostile view changes. Where it votes, the chain to compare with is the one where it is honest; where
 * it does not, the one where it is dead. Clients use the other nodes in all cases.
 */
export async function measureHostile(bench: FaultBench): Promise<HostileLoad[]> {
  const { chain } = bench;
  const victim = chain.indexes.at(-1)!;
  const others = bench.others(victim);
  const loads: HostileLoad[] = [];
  for (const behaviour of BEHAVIOURS) {
    const { perSecond, votes } = behaviour;
    const [without, withIt, sentPerSecond]: [number[], number[], number[]] = [[], [], []];
    let memoryGrowthBytes = 0;
    for (let round = 0; round < bench.options.rounds; round++) {
      await chain.nodes[victim]!.kill();
      // Fresh, as the hostile one will be: a process that has just started compiles its code and is the slower for it.
      if (votes) await bench.restart(victim);
      without.push(await bench.throughput(`${votes ? 'honest' : 'dead'} instead of hostile`, others));
      if (votes) await chain.nodes[victim]!.kill();
      const pids = others.map((index) => chain.nodes[index]!.pid!);
      const before = residentBytes(pids);
      chain.startNode(victim, hostileEnvironment(perSecond, votes));
      await chain.linked();
      await settled(chain, chain.indexes);
      withIt.push(await bench.throughput(`hostile, ${perSecond} a second`, others));
      memoryGrowthBytes = Math.max(memoryGrowthBytes, residentBytes(pids) - before);
      sentPerSecond.push(sentRate(chain.nodes[victim]!.outputPath));
      await chain.nodes[victim]!.kill();
      await bench.restart(victim);
    }
    loads.push({ ...behaviour, sentPerSecond, without, with: withIt, memoryGrowthBytes });
  }
  return loads;
}

/** Messages a second by the last two lines that the sender printed, one each second. */
function sentRate(outputPath: string): number {
  const counts = [...readFileSync(outputPath, 'utf8').matchAll(/^hostile messages: (\d+)$/gm)].map(([, count]) =>
    Number(count),
  );
  return (counts.at(-1) ?? 0) - (counts.at(-2) ?? 0);
}
