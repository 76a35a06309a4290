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
import type { RpcClient } from '../rpcClient.js';
import { DAG_TRANSFER } from '../sdkClient.js';
import { CarefulSender, type SignedOperation } from './carefulSender.js';

const USER_ADD = functionOf('userAdd(string,uint256)');
const USER_TRANSFER = functionOf('userTransfer(string,string,uint256)');
const OPENING = 1_000_000n;
const USERS = 20;
const TICK_MS = 100;
const RECEIPTS_AT_ONCE = 200;

export interface SentTransfer extends SignedOperation {
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
}

/** Transfers of a careful client, at a steady rate. */
export class SteadyLoad {
  readonly sent = new Map<string, SentTransfer>();
  readonly #clients: readonly RpcClient[];
  readonly #suite: CryptoSuite;
  readonly #account: Account;
  readonly #sender: CarefulSender;
  #isStopping = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(clients: readonly RpcClient[], suite: CryptoSuite) {
    this.#clients = clients;
    this.#suite = suite;
    this.#account = new Account(suite, PLATFORM_PORTS.random(32));
    this.#sender = new CarefulSender(clients, {
      groupId: 1,
      receiptsAtOnce: RECEIPTS_AT_ONCE,
      check: ({ hash }, { status, output }) => {
        if (status !== '0x0' || BigInt(output) !== 0n) throw new Error(`transfer ${hash} failed: ${status} ${output}`);
      },
    });
  }

  /** Number of the block, `0x…`, by hash: somebody has shown a receipt. */
  get acknowledged(): ReadonlyMap<string, string> {
    return this.#sender.acknowledged;
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
    this.#sender.start();
    this.#sending = this.#send(perSecond);
  }

  /** Sends one transfer to this node and waits for its receipt: one block, where nothing else is sent. */
  async transferOnce(index: number): Promise<void> {
    const transfer = this.#transfer();
    await this.#sender.send([transfer], index);
    await until(async () => {
      await this.#sender.askReceiptsOf(index);
      return this.acknowledged.has(transfer.hash);
    }, `transfer ${transfer.hash} has a receipt`);
  }

  /** Sends nothing new, and goes on until everything has a receipt or is too late for one. */
  async finish(): Promise<void> {
    this.#isStopping = true;
    await this.#sending;
    await this.#sender.finish();
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
      void this.#sender.send(transfers);
      await sleep(Math.max(0, startedAtMs + ++tick * TICK_MS - performance.now()));
    }
  }

  #transfer(): SentTransfer {
    const index = this.sent.size;
    const [from, to, amount] = [index % USERS, (index * 7 + 3) % USERS, BigInt(1 + (index % 5))];
    const transfer = { ...this.#sign(USER_TRANSFER, [`user${from}`, `user${to}`, amount]), from, to, amount };
    this.sent.set(transfer.hash, transfer);
    return transfer;
  }

  #sign(abiFunction: AbiFunction, values: readonly (string | bigint)[]): SignedOperation {
    const data = callData(this.#suite, abiFunction, values);
    const { blockLimit } = this.#sender;
    const target = { chainId: 1, groupId: 1, blockLimit, to: bareAddress(DAG_TRANSFER), data };
    const signed = this.#account.signTransaction(transactionFields(target, PLATFORM_PORTS));
    return { raw: hexOf(signed.raw), hash: hexOf(signed.hash), blockLimit };
  }
}
