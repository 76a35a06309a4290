import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress, LoadResult } from './load.js';
import type { PreparedLoad } from './preparedLoad.js';
import { readRefusals } from './batchAnswer.js';
import { RpcConnection } from './rpcConnection.js';

/** How often the receipt is asked for; the error of each latency. */
const POLL_MS = 2;
const RECEIPT_TIMEOUT_MS = 60_000;

interface ReceiptAnswer {
  readonly result?: { readonly blockNumber: string } | null;
}

/**
 * Sends one transaction, waits until its receipt can be read from the node it was sent to, and only then sends the next,
 * to the next node.
 * @param prepared batches of one transaction each
 */
export async function runOneAtATime(
  urls: readonly string[],
  groupId: number,
  prepared: PreparedLoad,
  onProgress: Progress,
): Promise<LoadResult> {
  const connections = urls.map((url) => new RpcConnection(url));
  const hashes = [...prepared.indexes.keys()];
  const latenciesMs: number[] = [];
  const refusals: Record<string, number> = {};
  const blocks = new Set<string>();
  let refused = 0;
  const startedAtMs = performance.now();
  try {
    for (const { body, first } of prepared.batches) {
      const connection = connections[first % connections.length]!;
      const sentAtMs = performance.now();
      const [refusal] = readRefusals(await connection.post(body), 1);
      if (refusal !== undefined) {
        refused++;
        refusals[refusal.message] = (refusals[refusal.message] ?? 0) + 1;
        continue;
      }
      blocks.add(await blockOfReceipt(connection, groupId, hashes[first]!));
      latenciesMs.push(performance.now() - sentAtMs);
      onProgress(latenciesMs.length, hashes.length);
    }
  } finally {
    for (const connection of connections) connection.close();
  }
  return {
    committed: latenciesMs.length,
    refused,
    refusals,
    elapsedMs: performance.now() - startedAtMs,
    blocks: blocks.size,
    latenciesMs: Float64Array.from(latenciesMs).sort(),
  };
}

/** @returns number of the block that holds the transaction, once its receipt can be read */
async function blockOfReceipt(connection: RpcConnection, groupId: number, hash: string): Promise<string> {
  const body = Buffer.from(`{"jsonrpc":"2.0","method":"getTransactionReceipt","params":[${groupId},"${hash}"],"id":1}`);
  const deadlineMs = performance.now() + RECEIPT_TIMEOUT_MS;
  for (;;) {
    const { result } = JSON.parse((await connection.post(body)).toString('utf8')) as ReceiptAnswer;
    if (result !== undefined && result !== null) return result.blockNumber;
    if (performance.now() > deadlineMs) throw new Error(`no receipt of ${hash} after ${RECEIPT_TIMEOUT_MS} ms`);
    await sleep(POLL_MS);
  }
}
