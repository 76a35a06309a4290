import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { readTopicBody, topicBody, TYPE, type Frame } from '../frames.js';
import { ContractCaller } from './contractCaller.js';
import { logsOf, subscribe, Tally } from './eventTally.js';
import type { Latencies } from './latencies.js';
import { LoadClient } from './loadClient.js';

/** Everybody who is in `MixedClient.isListener` has this topic. */
const NEWS = 'news';

/** Contents of messages have up to so many bytes: several records of TLS. */
const CONTENT_BYTES_MAX = 40_000;

/** What all clients of a run have in common. */
export interface MixedRun {
  readonly contract: string;
  /** Longest pause between two things that a client does, one after the other. */
  readonly pauseMaxMs: number;
  readonly latencies: Latencies;
}

const topicOf = (index: number) => `client ${index}`;

/**
 * An application that does a bit of everything: asks, sends transactions and waits for their receipts, follows its own
 * events, asks its partner a question and answers those it is asked, publishes news. It notes what it may expect and
 * what came, each by its name.
 */
export class MixedClient {
  readonly receipts = new Tally();
  readonly ownEvents = new Tally();
  /** Of all clients; only listeners get them. */
  readonly allEvents = new Tally();
  readonly news = new Tally();
  /** What it sent. */
  readonly sentHashes: string[] = [];
  readonly sentNews: string[] = [];
  /** Things that are not as they should be, in words. */
  readonly faults: string[] = [];
  questions = 0;
  readonly #index: number;
  readonly #run: MixedRun;
  readonly #isListener: boolean;
  readonly #caller: ContractCaller;
  /** The last block that it has heard of. */
  #blockNumber = 0;
  #client!: LoadClient;
  #ownFilterId = '';
  #allFilterId: string | undefined;
  #lastNotice = 0;

  private constructor(index: number, isListener: boolean, run: MixedRun) {
    this.#index = index;
    this.#isListener = isListener;
    this.#run = run;
    this.#caller = new ContractCaller(run.contract);
  }

  /** Connects and subscribes. @param isListener follows the events of all clients, the news and the blocks, too */
  static async start(
    index: number,
    { isListener, run, options }: { isListener: boolean; run: MixedRun; options: ConnectionOptions },
  ): Promise<MixedClient> {
    const mixed = new MixedClient(index, isListener, run);
    const client = await LoadClient.connect(options, (frame) => mixed.#onPush(frame));
    mixed.#client = client;
    client.send(TYPE.reportTopics, JSON.stringify([topicOf(index), ...(isListener ? [NEWS, '_block_notify_1'] : [])]));
    // One event is there before it subscribes.
    await mixed.#transact();
    mixed.#ownFilterId = await subscribe(client, { contract: run.contract, account: mixed.#caller.address });
    if (isListener) mixed.#allFilterId = await subscribe(client, { contract: run.contract });
    return mixed;
  }

  get isListener(): boolean {
    return this.#isListener;
  }

  /** The connection has lasted, and nothing came that nobody waited for. */
  get brokenRules(): string[] {
    return [...this.faults, ...this.#client.unexpected, ...(this.#client.isOpen ? [] : ['the connection was closed'])];
  }

  /** Whether its partner can be asked: its node knows by now where it is. */
  async reaches(partner: number): Promise<boolean> {
    return (await this.#ask(partner, 'are you there?')).result === 0;
  }

  /** Does one thing after the other, and beside it sends transactions, until the signal comes. */
  async work(partner: number, signal: AbortSignal): Promise<void> {
    const others = [
      async () => void (await this.#timed('getBlockNumber', async () => this.#client.call('getBlockNumber', 1))),
      async () => this.#question(partner),
      async () => void (await this.#timed('getBlockByNumber', async () => this.#readLastBlock())),
      async () => this.#publish(),
    ];
    const inTurn = async (things: readonly (() => Promise<void>)[]) => {
      for (let count = this.#index; !signal.aborted; count++) {
        await sleep(randomInt(this.#run.pauseMaxMs));
        await things[count % things.length]!();
      }
    };
    await Promise.all([
      inTurn([async () => this.#timed('receipt', async () => this.#transact())]),
      inTurn(others),
    ]).catch((error: unknown) => this.faults.push(String(error)));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #timed<T>(what: string, run: () => Promise<T>): Promise<T> {
    const startedAtMs = performance.now();
    const value = await run();
    this.#run.latencies.add(what, performance.now() - startedAtMs);
    return value;
  }

  async #transact(): Promise<void> {
    const signed = this.#caller.set(this.#blockNumber);
    this.sentHashes.push(signed.hash);
    const { hash, receipt } = await this.#client.transact(signed.raw);
    if (hash !== signed.hash) this.faults.push(`the answer names ${hash} instead of ${signed.hash}`);
    if (receipt.status !== '0x0') this.faults.push(`status ${receipt.status} of ${hash}`);
    this.receipts.add(receipt.transactionHash);
    this.#blockNumber = Number(receipt.blockNumber);
  }

  async #readLastBlock(): Promise<void> {
    const number = await this.#client.call('getBlockNumber', 1);
    await this.#client.call('getBlockByNumber', 1, number, true);
  }

  async #ask(partner: number, content: string | Uint8Array): Promise<Frame> {
    return this.#client.ask(TYPE.amopRequest, topicBody(topicOf(partner), content), TYPE.amopResponse);
  }

  async #question(partner: number): Promise<void> {
    const content = randomBytes(randomInt(CONTENT_BYTES_MAX));
    const { result, data } = await this.#timed('AMOP', async () => this.#ask(partner, content));
    this.questions += 1;
    if (result !== 0) this.faults.push(`an answer with result ${result}`);
    else if (!readTopicBody(data).content.equals(content)) this.faults.push('an answer to another question');
  }

  async #publish(): Promise<void> {
    const text = randomBytes(16).toString('hex');
    this.sentNews.push(text);
    const body = topicBody(NEWS, text);
    const { result } = await this.#client.ask(TYPE.amopMulticast, body, TYPE.amopResponse);
    if (result !== 0) this.faults.push(`news were refused with ${result}`);
  }

  #onPush(frame: Frame): void {
    switch (frame.type) {
      case TYPE.amopRequest:
        this.#client.send(TYPE.amopResponse, frame.data, frame.seq);
        break;
      case TYPE.amopMulticast:
        this.news.add(readTopicBody(frame.data).content.toString('latin1'));
        break;
      case TYPE.blockNotify:
        this.#onNotice(frame);
        break;
      case TYPE.eventPush:
        this.#onEvents(frame);
        break;
    }
  }

  #onNotice({ data }: Frame): void {
    const { blockNumber } = JSON.parse(readTopicBody(data).content.toString('utf8')) as { blockNumber: number };
    const wanted = this.#lastNotice + 1;
    if (this.#lastNotice > 0 && blockNumber !== wanted) this.faults.push(`block ${blockNumber} instead of ${wanted}`);
    this.#lastNotice = blockNumber;
  }

  #onEvents(frame: Frame): void {
    const { filterId, logs } = logsOf(frame);
    const tally = filterId === this.#ownFilterId ? this.ownEvents : this.allEvents;
    if (tally === this.allEvents && filterId !== this.#allFilterId) this.faults.push(`events of filter ${filterId}`);
    for (const { transactionHash } of logs) tally.add(transactionHash);
  }
}
