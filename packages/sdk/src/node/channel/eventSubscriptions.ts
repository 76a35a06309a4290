import { toHex } from '@menglian/base/bytes';
import type { Hash } from '../../hex.js';
import { compareLogs, type Log, type LogFilter } from '../../logs/log.js';
import type { Ports } from '../../ports.js';
import { address, bytes, hash, integer, list, nullable, record, text } from '../../rpc/reader.js';
import { hasCode, SdkError, sdkError } from '../../sdkError.js';
import type { LogListener, Unsubscribe } from '../../transport.js';
import { callBack } from '../../callBack.js';
import type { ChannelLink } from './channelLink.js';
import { type Frame, FrameType, readJson, withoutTopic } from './frame.js';

/** Filters of one client. */
const SUBSCRIPTIONS_MAX = 10_000;

const REGISTER_TIMEOUT_MS = 10_000;

/** `result` of a push after the last block of its filter. With any other but 0 the node ended the filter before that. */
const COMPLETE = 1;

/** The group does not run there, or runs there no longer. */
const NO_GROUP = -41002;

const ADVICE: Readonly<Record<number, string>> = {
  [-41001]: 'see the addresses and topics of the filter: at most 4 topics',
  [NO_GROUP]: 'the node does not run this group: ask getGroupList',
  [-41003]: 'begin at a later block, or end behind the first one: the node bounds how many it looks through',
  [-41006]: 'the certificate of this client is not in the sdk_allowlist of the group: ask its operators',
};

const reply = record({ result: integer });

const push = record({
  filterID: text,
  logs: nullable(
    list(
      record({
        address,
        blockHash: hash,
        blockNumber: integer,
        data: bytes,
        logIndex: integer,
        topics: list(hash),
        transactionHash: hash,
        transactionIndex: integer,
      }),
    ),
  ),
  result: integer,
});

interface Subscription {
  readonly groupId: number;
  readonly filter: LogFilter;
  readonly listener: LogListener;
  /** Its name on the link that is; another one on each link, so that what an old link still says is not mixed in. */
  filterId: string | undefined;
  /** Delivered last: everything up to here has been. */
  last: Log | undefined;
}

/**
 * Event filters that survive the loss of links: registered again with the block that was delivered last, and what was
 * delivered of it is left out. Nodes push in the order of the chain, so one position is enough to know.
 */
export class EventSubscriptions {
  readonly #ports: Ports;
  readonly #subscriptions = new Set<Subscription>();
  readonly #byFilterId = new Map<string, Subscription>();

  readonly #current: () => ChannelLink | undefined;

  /** @param current the link that is */
  constructor(ports: Ports, current: () => ChannelLink | undefined) {
    this.#ports = ports;
    this.#current = current;
  }

  /** While there is no link it is registered with the next one. */
  add(groupId: number, filter: LogFilter, listener: LogListener): Unsubscribe {
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX) {
      throw sdkError('TooMany', 'too many subscriptions', 'end some of them, or watch several addresses with one');
    }
    const subscription: Subscription = { groupId, filter, listener, filterId: undefined, last: undefined };
    this.#subscriptions.add(subscription);
    const link = this.#current();
    if (link !== undefined) void this.#register(subscription, link);
    return () => {
      if (this.#remove(subscription)) this.#unregister(subscription);
    };
  }

  onLinkUp(link: ChannelLink): void {
    this.#byFilterId.clear();
    for (const subscription of this.#subscriptions) void this.#register(subscription, link);
  }

  /** Frame 0x1002. */
  onPush(frame: Frame): void {
    let pushed: ReturnType<typeof push>;
    try {
      pushed = push(readJson(frame.data), 'an event push');
    } catch {
      // Nobody can say whose it was.
      return;
    }
    const subscription = this.#byFilterId.get(pushed.filterID);
    if (subscription === undefined) return;
    const { last } = subscription;
    const logs = (pushed.logs ?? []).filter((log) => last === undefined || compareLogs(log, last) > 0);
    if (logs.length > 0) {
      subscription.last = logs.at(-1);
      callBack(subscription.listener.onLogs, logs);
    }
    if (pushed.result === 0) return;
    this.#remove(subscription);
    if (pushed.result !== COMPLETE) callBack(subscription.listener.onError, ended(pushed.result));
  }

  /** @returns whether it was there */
  #remove(subscription: Subscription): boolean {
    if (subscription.filterId !== undefined) this.#byFilterId.delete(subscription.filterId);
    return this.#subscriptions.delete(subscription);
  }

  /** The answer does not matter: what is still pushed is nobody's. */
  #unregister(subscription: Subscription): void {
    const link = this.#current();
    if (link === undefined || subscription.filterId === undefined) return;
    const data = withoutTopic(JSON.stringify(parameters(subscription, subscription.filterId)));
    link.send(FrameType.unregisterEvents, link.newSeq(), data);
  }

  async #register(subscription: Subscription, link: ChannelLink): Promise<void> {
    const filterId = toHex(this.#ports.random(16));
    subscription.filterId = filterId;
    this.#byFilterId.set(filterId, subscription);
    try {
      const data = withoutTopic(JSON.stringify(parameters(subscription, filterId)));
      const answer = await link.request(FrameType.registerEvents, FrameType.registerEvents, data, REGISTER_TIMEOUT_MS);
      const { result } = reply(readJson(answer.data.subarray(1)), 'event reply');
      if (result !== 0) throw refused(result);
    } catch (error) {
      // The next link will register it again.
      if (hasCode(error, 'NoConnection') || hasCode(error, 'Closed')) return;
      if (!this.#subscriptions.has(subscription)) return;
      this.#remove(subscription);
      callBack(subscription.listener.onError, error);
    }
  }
}

function parameters({ groupId, filter, last }: Subscription, filterId: string) {
  return {
    addresses: filter.addresses,
    fromBlock: String(last?.blockNumber ?? filter.fromBlock),
    filterID: filterId,
    groupID: String(groupId),
    toBlock: filter.toBlock === undefined ? 'latest' : String(filter.toBlock),
    topics: filter.topics as readonly (readonly Hash[] | null)[],
  };
}

function refused(result: number): SdkError {
  return new SdkError(result, 'the node refused the event filter', ADVICE[result] ?? 'read the log of the node');
}

function ended(result: number): SdkError {
  if (result === NO_GROUP) {
    const advice = 'subscribe again, from the last block that came, when the group runs there or with another node';
    return new SdkError(result, 'the node stopped the group, and with it the event filter', advice);
  }
  return new SdkError(result, 'the node ended the event filter', ADVICE[result] ?? 'read the log of the node');
}
