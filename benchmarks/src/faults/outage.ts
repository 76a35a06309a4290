import { setTimeout as sleep } from 'node:timers/promises';
import { heightOf, seenAtMs, settled } from './blockClock.js';
import type { Outage } from './faultReport.js';
import type { FaultBench } from './faultBench.js';

/**
 * So many nodes stand still that the rest is no quorum, while transactions wait. Then they go on: how long until the next
 * block is stored?
 */
export async function measureOutage(bench: FaultBench): Promise<Outage> {
  const { chain, options } = bench;
  const toBlockMs: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const half = chain.indexes.slice(0, Math.ceil(chain.indexes.length / 2));
    const asked = chain.indexes.at(-1)!;
    const transfers = await bench.transfers(100, asked);
    for (const index of half) process.kill(chain.nodes[index]!.pid!, 'SIGSTOP');
    // What was decided before may still be stored.
    await sleep(1000);
    const height = await heightOf(chain, asked);
    await Promise.all(transfers.map(async ({ raw }) => chain.clients[asked]!.sendRawTransaction(raw)));
    await sleep(options.outageSeconds * 1000);
    if ((await heightOf(chain, asked)) !== height) throw new Error('a block was stored without a quorum');
    for (const index of half) process.kill(chain.nodes[index]!.pid!, 'SIGCONT');
    const healedAtMs = performance.now();
    toBlockMs.push((await seenAtMs(chain, asked, height + 1)) - healedAtMs);
    await chain.linked();
    await settled(chain, chain.indexes);
  }
  return { seconds: options.outageSeconds, nextBlockMs: toBlockMs };
}
