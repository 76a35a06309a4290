import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchChain } from '../chain/benchChain.js';

const POLL_MS = 3;
const TIMEOUT_MS = 120_000;

/** The height that a node answers. */
export async function heightOf(chain: BenchChain, index: number): Promise<number> {
  return chain.clients[index]!.getBlockNumber();
}

/** Waits until the node has stored that block. @returns when that was seen, by `performance.now` */
export async function seenAtMs(chain: BenchChain, index: number, height: number): Promise<number> {
  const deadline = performance.now() + TIMEOUT_MS;
  while ((await heightOf(chain, index)) < height) {
    if (performance.now() > deadline) throw new Error(`block ${height} did not come within ${TIMEOUT_MS} ms`);
    await sleep(POLL_MS);
  }
  return performance.now();
}

/** Waits until all of these nodes have the same height and nothing waits in their pools. */
export async function settled(chain: BenchChain, indexes: readonly number[]): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  const clients = indexes.map((index) => chain.clients[index]!);
  for (;;) {
    const answers = await Promise.all(
      clients.map(async (client) =>
        Promise.all([client.getBlockNumber(), client.getPendingTransactionCount()]).catch(() => undefined),
      ),
    );
    const [first] = answers;
    if (answers.every((answer) => answer !== undefined && answer[0] === first![0] && answer[1] === 0)) return;
    if (performance.now() > deadline) throw new Error('the nodes did not come to rest');
    await sleep(50);
  }
}

/** Follows the blocks of a node while something happens. @returns the longest wait for a block that began after `fromMs` */
export async function longestPauseMs(
  chain: BenchChain,
  index: number,
  fromMs: number,
  untilMs: number,
): Promise<number> {
  let height = await heightOf(chain, index);
  let lastMs = fromMs;
  let longest = 0;
  while (performance.now() < untilMs) {
    const found = await heightOf(chain, index);
    const nowMs = performance.now();
    if (found > height) {
      longest = Math.max(longest, nowMs - lastMs);
      [height, lastMs] = [found, nowMs];
    }
    await sleep(POLL_MS);
  }
  return Math.max(longest, untilMs - lastMs);
}
