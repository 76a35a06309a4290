import { utf8Bytes } from '@menglian/base/bytes';
import type { Hash } from '../../hex.js';
import type { LogFilter } from '../../logs/log.js';
import { PLATFORM_PORTS, type Ports } from '../../ports.js';
import { badAnswer, closedError, resultOf } from '../../rpc/answer.js';
import { integer } from '../../rpc/reader.js';
import { hasCode, type SdkError, sdkError } from '../../sdkError.js';
import { attemptsOf, type LogListener, type RpcRequest, type Transport, type Unsubscribe } from '../../transport.js';
import { Amop } from './amop.js';
import { BlockWatches } from './blockWatches.js';
import type { ChannelLink } from './channelLink.js';
import { EventSubscriptions } from './eventSubscriptions.js';
import { type Frame, FrameType, readJson } from './frame.js';
import { NodeLinks } from './nodeLinks.js';
import { ReceiptWaits, type Wait } from './receiptWaits.js';
import { type ChannelCredentials, type Dial, type NodeAddress, tlsDial } from './tlsDial.js';

/** Nodes that one transport may know. */
const NODES_MAX = 100;

/** How long a node may take to answer, if not said. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface ChannelOptions extends ChannelCredentials {
  /** `host:port`, the preferred first; the port is channel_listen_port, 20200 by default. */
  readonly nodes: readonly string[];
  readonly timeoutMs?: number;
  readonly ports?: Ports;
  /** How to connect: TLS with the credentials if not said. */
  readonly dial?: Dial;
}

/**
 * The channel port of nodes: they push receipts, heights and events, and carry messages between clients. One node is used
 * as long as it lives, then the next; what was awaited comes all the same, and once.
 */
export class ChannelTransport implements Transport {
  readonly amop: Amop;
  readonly #timeoutMs: number;
  readonly #nodesCount: number;
  readonly #links: NodeLinks;
  readonly #receipts: ReceiptWaits;
  readonly #events: EventSubscriptions;
  readonly #blocks: BlockWatches;

  /** Connects when it is first used. @throws SdkError `BadArgument` */
  constructor(options: ChannelOptions) {
    const nodes = options.nodes.map(addressOfNode);
    if (nodes.length === 0 || nodes.length > NODES_MAX) {
      throw sdkError('BadArgument', `${nodes.length} nodes`, `give between 1 and ${NODES_MAX}`);
    }
    const ports = options.ports ?? PLATFORM_PORTS;
    this.#timeoutMs = options.timeoutMs ?? ANSWER_TIMEOUT_MS;
    this.#nodesCount = nodes.length;
    this.#receipts = new ReceiptWaits({
      getReceipt: ({ groupId, hash }) => this.request({ method: 'getTransactionReceipt', params: [groupId, hash] }),
      resend: (wait) => this.#send(wait),
    });
    this.#events = new EventSubscriptions(ports, () => this.#links.current);
    this.#blocks = new BlockWatches((groupId) => this.#receipts.onBlock(groupId));
    this.amop = new Amop(
      ports,
      () => this.#links.use(),
      () => this.#reportTopics(),
    );
    this.#links = new NodeLinks(nodes, options.dial ?? tlsDial(options), ports, {
      onUp: (link) => this.#onUp(link),
      onDown: () => this.#receipts.onLinkLost(),
      onPush: (link, frame) => this.#onPush(link, frame),
    });
  }

  request(request: RpcRequest): Promise<unknown> {
    return this.#ask(request);
  }

  async sendTransaction(groupId: number, raw: string, hash: Hash): Promise<unknown> {
    this.#follow(groupId);
    const wait = this.#receipts.add(groupId, raw, hash);
    try {
      return await this.#send(wait);
    } catch (error) {
      // A node that is only slow may still do it.
      if (!hasCode(error, 'Timeout')) this.#receipts.forget(wait);
      throw error;
    }
  }

  pushedReceipt(hash: Hash): Promise<unknown> | undefined {
    return this.#receipts.get(hash);
  }

  watchBlocks(groupId: number, onBlock: (blockNumber: number) => void): Unsubscribe {
    this.#follow(groupId);
    return this.#blocks.listen(groupId, onBlock);
  }

  watchLogs(groupId: number, filter: LogFilter, listener: LogListener): Unsubscribe {
    const end = this.#events.add(groupId, filter, listener);
    this.#connect();
    return end;
  }

  close(): void {
    this.#links.close();
    this.#receipts.close(closedError());
  }

  /** Asks again over the next link when one is lost. */
  async #ask(request: RpcRequest, wait?: Wait): Promise<unknown> {
    const data = utf8Bytes(JSON.stringify({ jsonrpc: '2.0', ...request, id: 1 }));
    let lost: SdkError | undefined;
    // One more than there are nodes: the first link may have been lost long before.
    for (let attempt = attemptsOf(request, this.#nodesCount + 1); attempt > 0; attempt--) {
      const link = await this.#links.use();
      const seq = link.newSeq();
      if (wait !== undefined) this.#receipts.bind(seq, wait);
      try {
        const answer = await link.request(FrameType.rpc, FrameType.rpc, data, this.#timeoutMs, seq);
        const value = readJson(answer.data);
        if (value === undefined) throw badAnswer('text that is not JSON');
        return resultOf(value, lost);
      } catch (error) {
        if (hasCode(error, 'NoConnection')) {
          lost = error;
          continue;
        }
        if (!hasCode(error, 'Timeout')) this.#receipts.unbind(seq);
        throw error;
      }
    }
    throw lost!;
  }

  #send(wait: Wait): Promise<unknown> {
    return this.#ask({ method: 'sendRawTransaction', params: [wait.groupId, wait.raw] }, wait);
  }

  /** Heights of this group are wanted from now on. */
  #follow(groupId: number): void {
    if (!this.#blocks.follow(groupId)) return;
    this.#reportTopics();
    this.#askHeight(groupId);
  }

  #reportTopics(): void {
    const link = this.#links.current;
    if (link !== undefined) this.#sendTopics(link);
    else this.#connect();
  }

  #sendTopics(link: ChannelLink): void {
    link.send(FrameType.topics, link.newSeq(), utf8Bytes(JSON.stringify(this.#topics())));
  }

  #topics(): readonly string[] {
    return [...this.#blocks.topics, ...this.amop.topics];
  }

  /** A height may have been missed. */
  #askHeight(groupId: number): void {
    this.#ask({ method: 'getBlockNumber', params: [groupId] }).then(
      (height) => this.#blocks.saw(groupId, integer(height, 'result of getBlockNumber')),
      // Whoever needs the group hears of it from the request of their own.
      () => {},
    );
  }

  #connect(): void {
    // Errors come to those who ask something; trying goes on.
    this.#links.use().catch(() => {});
  }

  #onUp(link: ChannelLink): void {
    if (this.#topics().length > 0) this.#sendTopics(link);
    this.#events.onLinkUp(link);
    for (const groupId of this.#blocks.groups) this.#askHeight(groupId);
    void this.#receipts.recover();
  }

  #onPush(link: ChannelLink, frame: Frame): void {
    switch (frame.type) {
      case FrameType.receipt:
        this.#receipts.onReceipt(frame.seq, readJson(frame.data));
        break;
      case FrameType.blockNotice:
        this.#blocks.onPush(frame);
        break;
      case FrameType.events:
        this.#events.onPush(frame);
        break;
      case FrameType.amopRequest:
      case FrameType.amopMulticast:
        this.amop.onPush(link, frame);
        break;
      case FrameType.certification:
        void this.amop.onCertification(link, frame);
        break;
      default:
      // Answers that came too late, and types of other versions.
    }
  }
}

/** @param options certificates of the chain and of this client, and the nodes */
export function channelTransport(options: ChannelOptions): ChannelTransport {
  return new ChannelTransport(options);
}

function addressOfNode(text: string): NodeAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw sdkError('BadArgument', `not a node: ${JSON.stringify(text)}`, 'write it like 127.0.0.1:20200');
  }
  return { host: (match[1] ?? match[2])!, port };
}
