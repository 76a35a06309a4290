import { setTimeout as sleep } from 'node:timers/promises';
import type { RpcConnection } from './rpcConnection.js';

export interface SeenBlock {
  readonly number: number;
  /** of its header */
  readonly timestampMs: number;
  readonly transactions: readonly string[];
  /** by `performance.now` */
  readonly seenAtMs: number;
}

interface BlockAnswer {
  readonly result?: { readonly number: string; readonly timestamp: string; readonly transactions: readonly string[] };
}

/** How often a node is asked for the next block: rare enough to cost the nodes little, and the error of every latency. */
const POLL_MS = 15;

/** Reads the blocks of a chain as they come. */
export class BlockFollower {
  readonly #connection: RpcConnection;
  readonly #groupId: number;
  #height: number;

  /** @param height of the last block that is known already */
  constructor(connection: RpcConnection, groupId: number, height: number) {
    this.#connection = connection;
    this.#groupId = groupId;
    this.#height = height;
  }

  /** Calls back for each new block, and after each time it looked. @param isDone asked then: whether to go on */
  async follow(onBlock: (block: SeenBlock) => void, isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      const block = await this.#next();
      if (block === undefined) await sleep(POLL_MS);
      else onBlock(block);
    }
  }

  /** One request both asks whether there is a block and reads it: the answer is an error as long as there is none. */
  async #next(): Promise<SeenBlock | undefined> {
    const params = `[${this.#groupId},"${this.#height + 1}",false]`;
    const body = Buffer.from(`{"jsonrpc":"2.0","method":"getBlockByNumber","params":${params},"id":1}`);
    const answer = await this.#connection.post(body);
    const { result } = JSON.parse(answer.toString('latin1')) as BlockAnswer;
    if (result === undefined) return undefined;
    this.#height++;
    const { timestamp, transactions } = result;
    return { number: this.#height, timestampMs: Number(timestamp), transactions, seenAtMs: performance.now() };
  }
}
