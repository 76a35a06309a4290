import { setTimeout as sleep } from 'node:timers/promises';
import { heightOf, longestPauseMs, seenAtMs, settled } from './blockClock.js';
import type { LeaderDeath } from './faultReport.js';
import { nextLeader } from './nextLeader.js';
import type { FaultBench } from './faultBench.js';

const TRICKLE_MS = 20;
const WATCHED_MS = 8_000;

/** How a leader ends: its process, or only its work, as when a virtual machine is frozen. */
const ENDS = ['SIGKILL', 'SIGSTOP'] as const;

/** Time from the end of a leader to the next block of the others. */
export async function measureLeaderDeaths(bench: FaultBench): Promise<LeaderDeath[]> {
  const deaths: LeaderDeath[] = [];
  for (const signal of ENDS) {
    const [nextBlockMs, longestPause]: [number[], number[]] = [[], []];
    for (let round = 0; round < bench.options.rounds; round++) {
      nextBlockMs.push(await onIdleChain(bench, signal));
      longestPause.push(await underLoad(bench, signal));
    }
    deaths.push({ signal, nextBlockMs, longestPauseMs: longestPause });
  }
  return deaths;
}

/** Nothing is under way: the leader of the next block ends, then a transaction comes to another node. */
async function onIdleChain(bench: FaultBench, signal: (typeof ENDS)[number]): Promise<number> {
  const { chain } = bench;
  await settled(chain, chain.indexes);
  const leader = await nextLeader(chain);
  const asked = bench.others(leader)[0]!;
  const [transfer] = await bench.transfers(1, asked);
  const height = await heightOf(chain, asked);
  process.kill(chain.nodes[leader]!.pid!, signal);
  const endedAtMs = performance.now();
  await chain.clients[asked]!.sendRawTransaction(transfer!.raw);
  const nextBlockMs = (await seenAtMs(chain, asked, height + 1)) - endedAtMs;
  await revive(bench, leader, signal);
  return nextBlockMs;
}

/** Transactions come all the time: the longest wait for a block from the end of the leader on. */
async function underLoad(bench: FaultBench, signal: (typeof ENDS)[number]): Promise<number> {
  const { chain } = bench;
  const leader = await nextLeader(chain);
  const asked = bench.others(leader)[0]!;
  const transfers = await bench.transfers((2 * WATCHED_MS) / TRICKLE_MS, asked);
  let isWatching = true;
  const trickle = (async () => {
    for (const { raw } of transfers) {
      if (!isWatching) return;
      await chain.clients[asked]!.sendRawTransaction(raw);
      await sleep(TRICKLE_MS);
    }
  })();
  await sleep(1000);
  process.kill(chain.nodes[leader]!.pid!, signal);
  const endedAtMs = performance.now();
  const pauseMs = await longestPauseMs(chain, asked, endedAtMs, endedAtMs + WATCHED_MS);
  isWatching = false;
  await trickle;
  await revive(bench, leader, signal);
  return pauseMs;
}

async function revive(bench: FaultBench, index: number, signal: (typeof ENDS)[number]): Promise<void> {
  if (signal === 'SIGKILL') {
    await bench.chain.nodes[index]!.kill();
    await bench.restart(index);
  } else {
    process.kill(bench.chain.nodes[index]!.pid!, 'SIGCONT');
    await bench.chain.linked();
    await settled(bench.chain, bench.chain.indexes);
  }
}
