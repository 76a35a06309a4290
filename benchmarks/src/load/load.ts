import { setTimeout as sleep } from 'node:timers/promises';
import { readRefusals } from './batchAnswer.js';
import { BlockFollower, type SeenBlock } from './blockFollower.js';
import { LoadLedger } from './loadLedger.js';
import type { PreparedBatch, PreparedLoad } from './preparedLoad.js';
import { RpcConnection } from './rpcConnection.js';

export interface LoadOptions {
  readonly groupId: number;
  /** transactions sent and not yet seen in a block; senders wait above it */
  readonly uncommittedMax: number;
  /** Arrivals a second, whatever the chain does; undefined sends as fast as the chain takes. */
  readonly ratePerSecond?: number | undefined;
}

export interface LoadResult {
  readonly committed: number;
  readonly refused: number;
  /** how many were refused with each reason */
  readonly refusals: Readonly<Record<string, number>>;
  /** wall time from the first send to the moment the last block was seen */
  readonly elapsedMs: number;
  /** blocks that hold transactions of this load */
  readonly blocks: number;
  /** of each committed transaction, from its send (its due time at a fixed rate) to its block seen, ascending */
  readonly latenciesMs: Float64Array;
}

export type Progress = (committed: number, total: number) => void;

/** No new transaction in a block for so long: the load is given up. */
const STALL_MS = 60_000;

/** Requests under way to one node at a fixed rate, where nothing waits for answers; a node that hangs must not fill memory. */
const CONNECTIONS_A_NODE = 16;

/** Sends transactions to several nodes in turn and follows the chain until all are in blocks. */
export class Load {
  readonly #urls: readonly string[];
  readonly #options: LoadOptions;

  /** @param urls of JSON-RPC, one a node; the first is the one that is asked for blocks */
  constructor(urls: readonly string[], options: LoadOptions) {
    this.#urls = urls;
    this.#options = options;
  }

  /** @param height of the chain now @param onProgress told after each block */
  async run(prepared: PreparedLoad, height: number, onProgress: Progress): Promise<LoadResult> {
    const run = new LoadRun(this.#urls, this.#options, prepared);
    try {
      return await run.finish(height, onProgress);
    } finally {
      run.close();
    }
  }
}

class LoadRun {
  readonly #urls: readonly string[];
  readonly #options: LoadOptions;
  readonly #prepared: PreparedLoad;
  readonly #ledger: LoadLedger;
  readonly #open: RpcConnection[] = [];
  #hasSentAll = false;
  #isStalled = false;
  #blocks = 0;
  #next = 0;
  /** Wakes the senders that wait for room. */
  #wake: (() => void)[] = [];

  constructor(urls: readonly string[], options: LoadOptions, prepared: PreparedLoad) {
    this.#urls = urls;
    this.#options = options;
    this.#prepared = prepared;
    this.#ledger = new LoadLedger(prepared);
  }

  async finish(height: number, onProgress: Progress): Promise<LoadResult> {
    const ledger = this.#ledger;
    const follower = new BlockFollower(this.#connect(this.#urls[0]!), this.#options.groupId, height);
    const startedAtMs = performance.now();
    const { ratePerSecond } = this.#options;
    const sending = (ratePerSecond === undefined ? this.#sendAll() : this.#sendAtRate(ratePerSecond)).then(() => {
      this.#hasSentAll = true;
    });
    let movedAtMs = startedAtMs;
    const onBlock = ({ transactions, seenAtMs }: SeenBlock) => {
      if (ledger.onBlock(transactions, seenAtMs) === 0) return;
      this.#blocks++;
      movedAtMs = seenAtMs;
      onProgress(ledger.committed, ledger.total);
      this.#onRoom();
    };
    const isDone = () => {
      this.#isStalled = performance.now() - movedAtMs > STALL_MS;
      if (this.#isStalled) this.#onRoom();
      return this.#isStalled || (this.#hasSentAll && ledger.uncommitted === 0);
    };
    await Promise.all([sending, follower.follow(onBlock, isDone)]);
    return {
      committed: ledger.committed,
      refused: ledger.refused,
      refusals: Object.fromEntries(ledger.reasons),
      // Until the last block was seen: a load that stalls, or whose last transactions are refused, waits longer.
      elapsedMs: movedAtMs - startedAtMs,
      blocks: this.#blocks,
      latenciesMs: ledger.latenciesMs(),
    };
  }

  close(): void {
    for (const connection of this.#open) connection.close();
  }

  #connect(url: string): RpcConnection {
    const connection = new RpcConnection(url);
    this.#open.push(connection);
    return connection;
  }

  /** One batch at a time on each connection, as long as there is room for more uncommitted transactions. */
  async #sendAll(): Promise<void> {
    // What is under way counts as uncommitted once it is sent: few connections where the limit is low, or they overrun it.
    const batchSize = this.#prepared.batches[0]?.count ?? 1;
    const fitting = Math.floor(this.#options.uncommittedMax / batchSize / this.#urls.length / 2);
    const connections = Math.max(1, Math.min(CONNECTIONS_A_NODE, fitting));
    const urls = Array.from({ length: connections }, () => this.#urls).flat();
    await Promise.all(
      urls.map(async (url) => {
        const connection = this.#connect(url);
        for (let batch = this.#take(); batch !== undefined; batch = this.#take()) {
          await this.#room();
          if (this.#isStalled) return;
          await this.#post(connection, batch, performance.now());
        }
      }),
    );
  }

  /** A batch each time its transactions are due. Late ones count from when they were due. */
  async #sendAtRate(ratePerSecond: number): Promise<void> {
    const idle = this.#urls.map((url) => Array.from({ length: CONNECTIONS_A_NODE }, () => this.#connect(url)));
    const underWay = new Set<Promise<void>>();
    const startedAtMs = performance.now();
    let node = 0;
    for (let batch = this.#take(); batch !== undefined; batch = this.#take()) {
      const dueAtMs = startedAtMs + (batch.first * 1000) / ratePerSecond;
      const waitMs = dueAtMs - performance.now();
      if (waitMs >= 1) await sleep(waitMs);
      while (idle.every((connections) => connections.length === 0)) await Promise.race(underWay);
      if (this.#isStalled) break;
      do node = (node + 1) % idle.length;
      while (idle[node]!.length === 0);
      const connections = idle[node]!;
      const connection = connections.pop()!;
      const posted: Promise<void> = this.#post(connection, batch, dueAtMs).finally(() => {
        connections.push(connection);
        underWay.delete(posted);
      });
      underWay.add(posted);
    }
    await Promise.all(underWay);
  }

  #take(): PreparedBatch | undefined {
    return this.#prepared.batches[this.#next++];
  }

  async #room(): Promise<void> {
    while (this.#ledger.uncommitted >= this.#options.uncommittedMax && !this.#isStalled)
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
  }

  #onRoom(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  async #post(connection: RpcConnection, { body, first, count }: PreparedBatch, sentAtMs: number): Promise<void> {
    this.#ledger.onSent(first, count, sentAtMs);
    const refusals = readRefusals(await connection.post(body), count);
    for (const { index, message } of refusals) this.#ledger.onRefused(first + index, message);
    if (refusals.length > 0) this.#onRoom();
  }
}
