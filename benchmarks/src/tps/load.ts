import { setTimeout as sleep } from 'node:timers/promises';
import type { RpcClient } from '@menglian/cli/client/rpcClient';
import { RpcAnswerError } from '@menglian/cli/client/rpcClient';

/** A transaction ready to send. */
export interface PreparedTransaction {
  /** RLP as `0x…` */
  readonly raw: string;
  /** `0x…` */
  readonly hash: string;
}

export interface LoadOptions {
  readonly groupId: number;
  /** transactions in one JSON-RPC batch */
  readonly batchSize: number;
  /** transactions sent and not yet seen in a block; senders wait above it */
  readonly uncommittedMax: number;
}

export interface LoadResult {
  readonly committed: number;
  readonly refused: number;
  /** wall time from the first send to the moment the last block was seen */
  readonly elapsedMs: number;
  /** from the timestamps of blocks: first and last one that hold transactions of this load */
  readonly firstBlockMs: number;
  readonly lastBlockMs: number;
  readonly blocks: number;
  /** of each committed transaction, from its send to its block seen, ascending */
  readonly latenciesMs: readonly number[];
}

interface BlockAnswer {
  readonly number: string;
  readonly timestamp: string;
  readonly transactions: readonly string[];
}

/** How often the head is asked for. */
const POLL_MS = 10;

/** No new transaction in a block for so long: the load is given up. */
const STALL_MS = 60_000;

/** Sends transactions to several nodes in turn and follows the chain until all are in blocks. */
export class Load {
  readonly #clients: readonly RpcClient[];
  readonly #options: LoadOptions;
  readonly #sentAtMs = new Map<string, number>();
  readonly #latenciesMs: number[] = [];
  #refused = 0;
  #isSent = false;
  #firstBlockMs = 0;
  #lastBlockMs = 0;
  #blocks = 0;

  constructor(clients: readonly RpcClient[], options: LoadOptions) {
    this.#clients = clients;
    this.#options = options;
  }

  /** @param onProgress told after each block how many are committed */
  async run(
    transactions: readonly PreparedTransaction[],
    onProgress: (committed: number, total: number) => void,
  ): Promise<LoadResult> {
    const from = Number(await this.#clients[0]!.call('getBlockNumber', this.#options.groupId));
    const startedAtMs = performance.now();
    const sending = this.#send(transactions).then(() => {
      this.#isSent = true;
    });
    await Promise.all([sending, this.#follow(from, transactions.length, onProgress)]);
    return {
      committed: this.#latenciesMs.length,
      refused: this.#refused,
      elapsedMs: performance.now() - startedAtMs,
      firstBlockMs: this.#firstBlockMs,
      lastBlockMs: this.#lastBlockMs,
      blocks: this.#blocks,
      latenciesMs: this.#latenciesMs.toSorted((a, b) => a - b),
    };
  }

  async #send(transactions: readonly PreparedTransaction[]): Promise<void> {
    const { batchSize } = this.#options;
    let next = 0;
    await Promise.all(
      this.#clients.map(async (client) => {
        while (next < transactions.length) {
          if (this.#sentAtMs.size >= this.#options.uncommittedMax) {
            await sleep(1);
            continue;
          }
          const batch = transactions.slice(next, next + batchSize);
          next += batch.length;
          await this.#sendBatch(client, batch);
        }
      }),
    );
  }

  async #sendBatch(client: RpcClient, batch: readonly PreparedTransaction[]): Promise<void> {
    const nowMs = performance.now();
    for (const { hash } of batch) this.#sentAtMs.set(hash, nowMs);
    const calls = batch.map(({ raw }) => ({ method: 'sendRawTransaction', params: [this.#options.groupId, raw] }));
    const answers = await client.batch(calls);
    for (const [index, answer] of answers.entries()) {
      if (!(answer instanceof RpcAnswerError)) continue;
      this.#refused++;
      this.#sentAtMs.delete(batch[index]!.hash);
    }
  }

  async #follow(from: number, total: number, onProgress: (committed: number, total: number) => void): Promise<void> {
    const client = this.#clients[0]!;
    const { groupId } = this.#options;
    let height = from;
    let movedAtMs = performance.now();
    while (!(this.#isSent && this.#sentAtMs.size === 0)) {
      const head = Number(await client.call('getBlockNumber', groupId));
      const seenAtMs = performance.now();
      for (; height < head; height++) {
        const block = (await client.call('getBlockByNumber', groupId, String(height + 1), false)) as BlockAnswer;
        if (this.#onBlock(block, seenAtMs)) movedAtMs = performance.now();
      }
      onProgress(this.#latenciesMs.length, total);
      if (performance.now() - movedAtMs > STALL_MS) return;
      await sleep(POLL_MS);
    }
  }

  #onBlock({ timestamp, transactions }: BlockAnswer, seenAtMs: number): boolean {
    let isOurs = false;
    for (const hash of transactions) {
      const sentAtMs = this.#sentAtMs.get(hash);
      if (sentAtMs === undefined) continue;
      isOurs = true;
      this.#sentAtMs.delete(hash);
      this.#latenciesMs.push(seenAtMs - sentAtMs);
    }
    if (!isOurs) return false;
    this.#blocks++;
    this.#firstBlockMs ||= Number(timestamp);
    this.#lastBlockMs = Number(timestamp);
    return true;
  }
}
