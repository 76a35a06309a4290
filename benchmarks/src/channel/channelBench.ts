import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageType } from '@menglian/channel/messageTypes';
import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { BenchChain } from '../chain/benchChain.js';
import { RpcConnection } from '../load/rpcConnection.js';
import type { PlannedCall } from '../workloads/workload.js';
import { BareEcho } from './bareEcho.js';
import { ChannelClient, topicBody } from './channelClient.js';
import type { ChannelOptions, ChannelRound } from './channelReport.js';
import { medianMs, perSecond } from './pace.js';

/** Requests under way where a rate is measured. */
export const UNDER_WAY = 64;
/** Transactions under way: as many as a block takes by default. */
const TRANSACTIONS_UNDER_WAY = 1000;

const ONE_AT_A_TIME = 500;
const SMALL_MESSAGES = 3000;
const LARGE_MESSAGES = 300;
const REQUESTS = 5000;

export const LARGE_BYTES = 65_536;
const SMALL = topicBody('echo', Buffer.alloc(64, 'x'));
const LARGE = topicBody('echo', Buffer.alloc(LARGE_BYTES, 'x'));
/** As long as the frame around it. */
const BARE = Buffer.alloc(42 + SMALL.length, 'x');
const GET_BLOCK_NUMBER = Buffer.from('{"jsonrpc":"2.0","method":"getBlockNumber","params":[1],"id":1}');

const REACH_TIMEOUT_MS = 30_000;
const RETRY_DELAY_MS = 100;
const DAG_TRANSFER = '0000000000000000000000000000000000005002';
const USER_SAVE = functionOf('userSave(string,uint256)');

/** A chain with a publisher at its first node and a subscriber at the second, HTTP connections, and the bare path beside it. */
export class ChannelBench {
  readonly #chain: BenchChain;
  readonly #options: ChannelOptions;
  readonly #echo: BareEcho;
  readonly #publisher: ChannelClient;
  readonly #subscriber: ChannelClient;
  readonly #http: readonly RpcConnection[];
  #transactionsSigned = 0;

  private constructor(
    options: ChannelOptions,
    parts: {
      readonly chain: BenchChain;
      readonly echo: BareEcho;
      readonly publisher: ChannelClient;
      readonly subscriber: ChannelClient;
    },
  ) {
    this.#options = options;
    this.#chain = parts.chain;
    this.#echo = parts.echo;
    this.#publisher = parts.publisher;
    this.#subscriber = parts.subscriber;
    this.#http = Array.from({ length: UNDER_WAY }, () => new RpcConnection(parts.chain.urls[0]!));
  }

  /** @param chain of at least two nodes; whoever made it stops it @param channelPort of its first node */
  static async start(chain: BenchChain, channelPort: number, options: ChannelOptions): Promise<ChannelBench> {
    const folder = chain.folders[0]!;
    const sdkFolder = join(dirname(folder), 'sdk');
    const echo = await BareEcho.start({ certificates: join(folder, 'conf', 'channel_cert'), sdkFolder });
    const publisher = await ChannelClient.connect(sdkFolder, channelPort);
    const subscriber = await ChannelClient.connect(sdkFolder, channelPort + 1);
    const bench = new ChannelBench(options, { chain, echo, publisher, subscriber });
    await bench.#subscribe();
    return bench;
  }

  /** By turns, so that what else the machine does hits what is compared alike. */
  async round(): Promise<ChannelRound> {
    const ask = async (body: Uint8Array) => this.#ask(body);
    const call = async () => void (await this.#publisher.ask(MessageType.Rpc, GET_BLOCK_NUMBER));
    const post = async (index: number) => void (await this.#http[index]!.post(GET_BLOCK_NUMBER));
    return {
      amopMs: await medianMs(ONE_AT_A_TIME, async () => ask(SMALL)),
      bareMs: await medianMs(ONE_AT_A_TIME, async () => this.#echo.roundTrip(BARE)),
      channelMs: await medianMs(ONE_AT_A_TIME, call),
      httpMs: await medianMs(ONE_AT_A_TIME, async () => post(0)),
      smallPerSecond: await perSecond({ count: SMALL_MESSAGES, underWay: UNDER_WAY }, async () => ask(SMALL)),
      largePerSecond: await perSecond({ count: LARGE_MESSAGES, underWay: UNDER_WAY }, async () => ask(LARGE)),
      channelPerSecond: await perSecond({ count: REQUESTS, underWay: UNDER_WAY }, call),
      httpPerSecond: await perSecond({ count: REQUESTS, underWay: UNDER_WAY }, post),
      receiptsPerSecond: await this.#receiptsPerSecond(),
    };
  }

  stop(): void {
    this.#echo.stop();
    this.#publisher.close();
    this.#subscriber.close();
    for (const connection of this.#http) connection.close();
  }

  /** Answers whatever is asked, and waits until the publisher's node knows. */
  async #subscribe(): Promise<void> {
    this.#subscriber.onPush(({ sequence, data }) =>
      this.#subscriber.send({ type: MessageType.AmopResponse, sequence, result: 0, data }),
    );
    this.#subscriber.send({
      type: MessageType.Topics,
      sequence: Buffer.alloc(32, '0'),
      result: 0,
      data: Buffer.from('["echo"]'),
    });
    const deadline = performance.now() + REACH_TIMEOUT_MS;
    while ((await this.#publisher.ask(MessageType.AmopRequest, SMALL, MessageType.AmopResponse)).result !== 0) {
      if (performance.now() > deadline) throw new Error('no message came through the two nodes');
      await sleep(RETRY_DELAY_MS);
    }
  }

  async #ask(body: Uint8Array): Promise<void> {
    const { result } = await this.#publisher.ask(MessageType.AmopRequest, body, MessageType.AmopResponse);
    if (result !== 0) throw new Error(`a message was answered with ${result}`);
  }

  async #receiptsPerSecond(): Promise<number> {
    const count = this.#options.transactions;
    const requests = await this.#signedRequests(count);
    let next = 0;
    return perSecond({ count, underWay: TRANSACTIONS_UNDER_WAY }, async () =>
      this.#publisher.transact(requests[next++]!),
    );
  }

  async #signedRequests(count: number): Promise<Buffer[]> {
    const { suite } = this.#chain;
    const first = this.#transactionsSigned;
    this.#transactionsSigned += count;
    const calls = Array.from({ length: count }, (_, index): PlannedCall => {
      return { to: DAG_TRANSFER, data: callData(suite, USER_SAVE, [`r${first + index}`, 1n]) };
    });
    const height = await this.#chain.clients[0]!.getBlockNumber();
    return [...this.#chain.sign(calls, height)].map(({ raw }) =>
      Buffer.from(`{"jsonrpc":"2.0","method":"sendRawTransaction","params":[1,"${raw}"],"id":1}`),
    );
  }
}
