import { setTimeout as sleep } from 'node:timers/promises';
import { RpcAnswerError, type RpcCall, type RpcClient } from '../rpcClient.js';

const TICK_MS = 100;

/** Blocks that a transaction may wait; at most 1000. */
const BLOCK_LIMIT_AHEAD = 950;

/** A client sends again, to another node, what has no receipt after so long. */
const PATIENCE_MS = 3000;

/** A node that owes so many answers is asked nothing more: it hangs. */
const UNANSWERED_MAX = 4;
const ANSWER_TIMEOUT_MS = 2500;
const SENT_AGAIN_AT_ONCE = 100;

export interface SignedOperation {
  readonly raw: string;
  readonly hash: string;
  readonly blockLimit: number;
}

export interface ReceiptAnswer {
  readonly status: string;
  readonly output: string;
  readonly blockNumber: string;
}

export interface CarefulSenderOptions {
  readonly groupId: number;
  /** of one request */
  readonly receiptsAtOnce: number;
  /** throws when the operation failed */
  readonly check: (operation: SignedOperation, receipt: ReceiptAnswer) => void;
}

/**
 * A client that nodes cannot make lose anything: it sends transactions of one group to the nodes in turn, asks for receipts, and
 * sends again what has none, until its block limit has passed. It remembers everything it was told.
 */
export class CarefulSender {
  /** Number of the block, `0x…`, by hash: somebody has shown a receipt. */
  readonly acknowledged = new Map<string, string>();
  readonly #clients: readonly RpcClient[];
  readonly #options: CarefulSenderOptions;
  readonly #open = new Map<string, SignedOperation & { sentAtMs: number }>();
  readonly #unanswered: number[];
  #height = 0;
  #turn = 0;
  #isStopping = false;
  #asking: Promise<void> | undefined;

  constructor(clients: readonly RpcClient[], options: CarefulSenderOptions) {
    this.#clients = clients;
    this.#options = options;
    this.#unanswered = clients.map(() => 0);
  }

  /** Sent, and neither acknowledged nor too late. */
  get openCount(): number {
    return this.#open.size;
  }

  /** What to sign with. */
  get blockLimit(): number {
    return this.#height + BLOCK_LIMIT_AHEAD;
  }

  /** Asks for receipts and sends again until `finish`. */
  start(): void {
    this.#asking = this.#askReceipts();
  }

  /** Goes on until everything has a receipt or is too late for one. */
  async finish(): Promise<void> {
    this.#isStopping = true;
    await this.#asking;
  }

  /** @param index of the node; the next one if not said */
  async send(operations: readonly SignedOperation[], index = this.#turn++ % this.#clients.length): Promise<void> {
    const sentAtMs = performance.now();
    for (const operation of operations) this.#open.set(operation.hash, { ...operation, sentAtMs });
    await this.#sendTo(index, operations);
  }

  async #sendTo(index: number, operations: readonly SignedOperation[]): Promise<void> {
    const { groupId } = this.#options;
    // A refusal is no answer to trust: the transaction may be known already.
    await this.#ask(
      index,
      operations.map(({ raw }) => ({ method: 'sendRawTransaction', params: [groupId, raw] })),
    );
  }

  /** @returns undefined when the node does not answer in time */
  async #ask(index: number, calls: readonly RpcCall[]): Promise<unknown[] | undefined> {
    if (this.#unanswered[index]! >= UNANSWERED_MAX) return undefined;
    this.#unanswered[index]!++;
    const answer = this.#clients[index]!.batch(calls)
      .catch(() => undefined)
      .finally(() => this.#unanswered[index]!--);
    return Promise.race([answer, sleep(ANSWER_TIMEOUT_MS, undefined, { ref: false })]);
  }

  async #askReceipts(): Promise<void> {
    for (let turn = 0; !(this.#isStopping && this.#open.size === 0); turn++) {
      const index = turn % this.#clients.length;
      await Promise.all([this.askReceiptsOf(index), sleep(TICK_MS)]);
      this.#sendAgain();
    }
  }

  /** Asks one node for the oldest receipts that are missing. */
  async askReceiptsOf(index: number): Promise<void> {
    const { groupId, receiptsAtOnce } = this.#options;
    const asked = [...this.#open.values()].slice(0, receiptsAtOnce);
    const calls = asked.map(({ hash }) => ({ method: 'getTransactionReceipt', params: [groupId, hash] }));
    const answers = await this.#ask(index, [{ method: 'getBlockNumber', params: [groupId] }, ...calls]);
    if (answers === undefined || typeof answers[0] !== 'string') return;
    const height = Number(answers[0]);
    this.#height = Math.max(this.#height, height);
    for (const [position, operation] of asked.entries()) {
      const receipt = answers[position + 1] as ReceiptAnswer | RpcAnswerError | null;
      if (receipt === null) {
        if (height > operation.blockLimit) this.#open.delete(operation.hash);
      } else if (!(receipt instanceof RpcAnswerError)) {
        this.#options.check(operation, receipt);
        this.#open.delete(operation.hash);
        this.acknowledged.set(operation.hash, receipt.blockNumber);
      }
    }
  }

  #sendAgain(): void {
    const nowMs = performance.now();
    const late = [...this.#open.values()]
      .filter(({ sentAtMs }) => nowMs - sentAtMs > PATIENCE_MS)
      .slice(0, SENT_AGAIN_AT_ONCE);
    if (late.length === 0) return;
    for (const operation of late) operation.sentAtMs = nowMs;
    void this.#sendTo(this.#turn++ % this.#clients.length, late);
  }
}
