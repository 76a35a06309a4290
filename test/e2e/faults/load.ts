import { setTimeout as sleep } from 'node:timers/promises';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { AbiFunction } from '@menglian/sdk/abi/abi';
import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { Account } from '@menglian/sdk/account/account';
import { type Address, bareAddress, hexOf } from '@menglian/sdk/hex';
import { PLATFORM_PORTS } from '@menglian/sdk/ports';
import { transactionFields } from '@menglian/sdk/transaction/fields';
import { until } from '../cluster.js';
import { RpcAnswerError, type RpcCall, type RpcClient } from '../rpcClient.js';
import { DAG_TRANSFER } from '../sdkClient.js';

const USER_ADD = functionOf('userAdd(string,uint256)');
const USER_TRANSFER = functionOf('userTransfer(string,string,uint256)');
const OPENING = 1_000_000n;
const USERS = 20;
const TICK_MS = 100;

/** Blocks that a transaction may wait; at most 1000. */
const BLOCK_LIMIT_AHEAD = 950;

/** A client sends again, to another node, what has no receipt after so long. */
const PATIENCE_MS = 3000;

/** A node that owes so many answers is asked nothing more: it hangs. */
const UNANSWERED_MAX = 4;
const ANSWER_TIMEOUT_MS = 2500;
const RECEIPTS_AT_ONCE = 200;

export interface SentTransfer {
  readonly raw: string;
  readonly hash: string;
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
  readonly blockLimit: number;
  sentAtMs: number;
}

interface ReceiptAnswer {
  readonly status: string;
  readonly output: string;
  readonly blockNumber: string;
}

/**
 * Careful clients: they send transfers at a steady rate to the nodes in turn, ask for receipts, and send again what has
 * none, until its block limit has passed. They remember everything they were told.
 */
export class SteadyLoad {
  readonly sent = new Map<string, SentTransfer>();
  /** Number of the block, `0x…`, by hash: somebody has shown a receipt. */
  readonly acknowledged = new Map<string, string>();
  readonly #clients: readonly RpcClient[];
  readonly #suite: CryptoSuite;
  readonly #account: Account;
  readonly #open = new Map<string, SentTransfer>();
  readonly #unanswered: number[];
  #height = 0;
  #turn = 0;
  #isStopping = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(clients: readonly RpcClient[], suite: CryptoSuite) {
    this.#clients = clients;
    this.#suite = suite;
    this.#account = new Account(suite, PLATFORM_PORTS.random(32));
    this.#unanswered = clients.map(() => 0);
  }

  get users(): number {
    return USERS;
  }

  get openingBalance(): bigint {
    return OPENING;
  }

  get address(): Address {
    return this.#account.address;
  }

  /** Opens the accounts. */
  async open(): Promise<void> {
    const openings = Array.from({ length: USERS }, (_, index) => this.#sign(USER_ADD, [`user${index}`, OPENING]));
    const calls = openings.map(({ raw }) => ({ method: 'sendRawTransaction', params: [1, raw] }));
    await this.#clients[0]!.batch(calls);
    await until(async () => {
      const asked = openings.map(({ hash }) => ({ method: 'getTransactionReceipt', params: [1, hash] }));
      return (await this.#clients[0]!.batch(asked)).every((receipt) => receipt !== null);
    }, 'the accounts are open');
  }

  /** Sends so many transfers a second until `finish`. */
  start(perSecond: number): void {
    this.#running = Promise.all([this.#send(perSecond), this.#askReceipts()]);
  }

  /** Sends one transfer to this node and waits for its receipt: one block, where nothing else is sent. */
  async transferOnce(index: number): Promise<void> {
    const transfer = this.#transfer();
    await this.#sendTo(index, [transfer]);
    await until(async () => {
      await this.#askReceiptsOf(index);
      return this.acknowledged.has(transfer.hash);
    }, `transfer ${transfer.hash} has a receipt`);
  }

  /** Sends nothing new, and goes on until everything has a receipt or is too late for one. */
  async finish(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  /** Transfers without a receipt whose time is over: they may be in the chain or not. */
  get expired(): number {
    return this.sent.size - this.acknowledged.size;
  }

  async #send(perSecond: number): Promise<void> {
    const startedAtMs = performance.now();
    let tick = 0;
    while (!this.#isStopping) {
      const transfers = Array.from({ length: Math.round((perSecond * TICK_MS) / 1000) }, () => this.#transfer());
      void this.#sendTo(this.#turn++ % this.#clients.length, transfers);
      await sleep(Math.max(0, startedAtMs + ++tick * TICK_MS - performance.now()));
    }
  }

  #transfer(): SentTransfer {
    const index = this.sent.size;
    const [from, to, amount] = [index % USERS, (index * 7 + 3) % USERS, BigInt(1 + (index % 5))];
    const { raw, hash } = this.#sign(USER_TRANSFER, [`user${from}`, `user${to}`, amount]);
    const blockLimit = this.#height + BLOCK_LIMIT_AHEAD;
    const transfer = { raw, hash, from, to, amount, blockLimit, sentAtMs: performance.now() };
    this.sent.set(hash, transfer);
    this.#open.set(hash, transfer);
    return transfer;
  }

  #sign(abiFunction: AbiFunction, values: readonly (string | bigint)[]) {
    const data = callData(this.#suite, abiFunction, values);
    const blockLimit = this.#height + BLOCK_LIMIT_AHEAD;
    const target = { chainId: 1, groupId: 1, blockLimit, to: bareAddress(DAG_TRANSFER), data };
    const signed = this.#account.signTransaction(transactionFields(target, PLATFORM_PORTS));
    return { raw: hexOf(signed.raw), hash: hexOf(signed.hash) };
  }

  async #sendTo(index: number, transfers: readonly SentTransfer[]): Promise<void> {
    const calls = transfers.map(({ raw }) => ({ method: 'sendRawTransaction', params: [1, raw] }));
    // A refusal is no answer to trust: the transaction may be known already.
    await this.#ask(index, calls);
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
      await Promise.all([this.#askReceiptsOf(index), sleep(TICK_MS)]);
      this.#sendAgain();
    }
  }

  async #askReceiptsOf(index: number): Promise<void> {
    const asked = [...this.#open.values()].slice(0, RECEIPTS_AT_ONCE);
    const calls = asked.map(({ hash }) => ({ method: 'getTransactionReceipt', params: [1, hash] }));
    const answers = await this.#ask(index, [{ method: 'getBlockNumber', params: [1] }, ...calls]);
    if (answers === undefined || typeof answers[0] !== 'string') return;
    const height = Number(answers[0]);
    this.#height = Math.max(this.#height, height);
    for (const [position, transfer] of asked.entries()) {
      const receipt = answers[position + 1] as ReceiptAnswer | RpcAnswerError | null;
      if (receipt === null) {
        if (height > transfer.blockLimit) this.#open.delete(transfer.hash);
      } else if (!(receipt instanceof RpcAnswerError)) {
        this.#acknowledge(transfer, receipt);
      }
    }
  }

  #acknowledge({ hash }: SentTransfer, { status, output, blockNumber }: ReceiptAnswer): void {
    if (status !== '0x0' || BigInt(output) !== 0n) throw new Error(`transfer ${hash} failed: ${status} ${output}`);
    this.#open.delete(hash);
    this.acknowledged.set(hash, blockNumber);
  }

  #sendAgain(): void {
    const nowMs = performance.now();
    const late = [...this.#open.values()].filter(({ sentAtMs }) => nowMs - sentAtMs > PATIENCE_MS).slice(0, 100);
    if (late.length === 0) return;
    for (const transfer of late) transfer.sentAtMs = nowMs;
    void this.#sendTo(this.#turn++ % this.#clients.length, late);
  }
}
