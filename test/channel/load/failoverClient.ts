import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { TYPE, type Frame } from '../frames.js';
import type { SignedText } from '../sender.js';
import { logsOf, subscribe, type EventLog } from './eventTally.js';
import { LoadClient, type PushedReceipt } from './loadClient.js';

/** How long to wait before the next node is tried. */
const RETRY_DELAY_MS = 100;

/** Statuses of a transaction that the node has seen before: its nonce is used, it is in the pool, it is in a block. */
const KNOWN_STATUSES: ReadonlySet<string> = new Set(['0xf', '0x2710', '0x2711']);

interface Pending {
  readonly signed: SignedText;
  readonly resolve: (receipt: PushedReceipt) => void;
}

/**
 * A client of several nodes: when the connection to one ends it goes on with the next, sends again what has no receipt yet,
 * and subscribes again from the last block it saw, as an SDK that wants nothing lost and nothing twice must.
 */
export class FailoverClient {
  /** Things that are not as they should be, in words. */
  readonly faults: string[] = [];
  /** Connections so far. */
  connections = 0;
  /** Transactions that were sent again after the connection had ended. */
  resent = 0;
  readonly #nodes: readonly ConnectionOptions[];
  readonly #contract: string;
  readonly #onEvent: (log: EventLog) => void;
  readonly #pending = new Map<string, Pending>();
  readonly #seen = new Set<string>();
  #lastBlock = 1;
  #client: LoadClient | undefined;
  #isClosed = false;
  #running: Promise<void> | undefined;

  /** @param components.onEvent told each log of `Changed` of the contract once */
  constructor(
    nodes: readonly ConnectionOptions[],
    components: { readonly contract: string; readonly onEvent: (log: EventLog) => void },
  ) {
    this.#nodes = nodes;
    this.#contract = components.contract;
    this.#onEvent = components.onEvent;
    this.#running = this.#run();
  }

  /** @returns the receipt, whichever node it comes from */
  async transact(signed: SignedText): Promise<PushedReceipt> {
    return new Promise((resolve) => {
      const pending = { signed, resolve };
      this.#pending.set(signed.hash, pending);
      if (this.#client !== undefined) void this.#send(this.#client, pending);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#client?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#isClosed; turn++) {
      const options = this.#nodes[turn % this.#nodes.length]!;
      const client = await this.#connect(options).catch(() => undefined);
      if (client === undefined) await sleep(RETRY_DELAY_MS);
      else await this.#use(client);
    }
  }

  async #connect(options: ConnectionOptions): Promise<LoadClient> {
    // Within one connection nothing may come twice; the first block again may, after another one.
    const here = new Set<string>();
    const client = await LoadClient.connect(options, (frame) => this.#onPush(frame, here));
    this.connections += 1;
    await subscribe(client, { contract: this.#contract, fromBlock: this.#lastBlock });
    return client;
  }

  /** Until the connection ends. */
  async #use(client: LoadClient): Promise<void> {
    this.#client = client;
    if (this.connections > 1) this.resent += this.#pending.size;
    for (const pending of this.#pending.values()) void this.#send(client, pending);
    await client.ended;
    this.#client = undefined;
    this.faults.push(...client.unexpected);
  }

  async #send(client: LoadClient, { signed, resolve }: Pending): Promise<void> {
    try {
      let { receipt } = await client.transact(signed.raw);
      if (KNOWN_STATUSES.has(receipt.status)) receipt = await this.#ask(client, signed.hash);
      if (!this.#pending.delete(signed.hash)) this.faults.push(`a second receipt of ${signed.hash}`);
      resolve(receipt);
    } catch {
      // The connection has ended: the next one sends it again.
    }
  }

  /** Asks until there is a receipt. */
  async #ask(client: LoadClient, hash: string): Promise<PushedReceipt> {
    for (;;) {
      const receipt = (await client.call('getTransactionReceipt', 1, hash)) as PushedReceipt | null;
      if (receipt !== null) return receipt;
      await sleep(RETRY_DELAY_MS);
    }
  }

  #onPush(frame: Frame, here: Set<string>): void {
    if (frame.type !== TYPE.eventPush) return;
    for (const log of logsOf(frame).logs) {
      const name = `${log.transactionHash} ${log.logIndex}`;
      if (here.has(name)) this.faults.push(`twice on one connection: ${name}`);
      here.add(name);
      if (this.#seen.has(name)) continue;
      this.#seen.add(name);
      this.#lastBlock = Number(log.blockNumber);
      this.#onEvent(log);
    }
  }
}
