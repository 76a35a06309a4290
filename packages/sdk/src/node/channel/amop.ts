import { EMPTY_BYTES, utf8Bytes } from '@menglian/base/bytes';
import type { Account } from '../../account/account.js';
import { echo, type Hex } from '../../hex.js';
import type { Ports } from '../../ports.js';
import { SdkError, sdkError } from '../../sdkError.js';
import type { Unsubscribe } from '../../transport.js';
import type { ChannelLink } from './channelLink.js';
import { type Frame, FrameType, readTopicBody, topicBody } from './frame.js';
import {
  checkKeys,
  isSignedByOne,
  privateName,
  pushName,
  randomText,
  readCertification,
  RESERVED_PREFIX,
  signText,
  verdictText,
  verifyName,
} from './privateTopics.js';

/** Topics of one client. */
const TOPICS_MAX = 1000;

/** Longer than a node takes to try every subscriber (30 s each node). */
const ANSWER_TIMEOUT_MS = 60_000;

export interface PublishOptions {
  readonly timeoutMs?: number;
}

export interface AmopMessage {
  readonly topic: string;
  readonly content: Uint8Array;
  /** Whether an answer goes back: not for multicasts. */
  readonly wantsAnswer: boolean;
}

/** What it returns is the answer; when it throws, the node asks another subscriber. */
export type AmopHandler = (message: AmopMessage) => AmopAnswer | Promise<AmopAnswer>;
type AmopAnswer = Uint8Array | string | undefined | void;

const ADVICE: Readonly<Record<number, string>> = {
  100: 'no node with a subscriber could be reached: see that somebody subscribed, or try again',
  101: 'the subscriber could not be reached: try again',
  102: 'no subscriber answered in time: try again',
  103: 'the node sends as much as it may (outgoing_bandwidth_limit): send more slowly',
  104: 'no subscriber answered: see that one is connected',
};

/** Messages between clients, over their nodes. Nothing is stored: whoever is not there does not get it. */
export class Amop {
  readonly #ports: Ports;
  readonly #use: () => Promise<ChannelLink>;
  readonly #onTopics: () => void;
  readonly #handlers = new Map<string, AmopHandler>();
  /** Keys that may receive, by the topic's private name. */
  readonly #accepted = new Map<string, readonly Hex[]>();

  constructor(ports: Ports, use: () => Promise<ChannelLink>, onTopics: () => void) {
    this.#ports = ports;
    this.#use = use;
    this.#onTopics = onTopics;
  }

  get topics(): readonly string[] {
    return [...this.#handlers.keys(), ...[...this.#accepted.keys()].map(pushName)];
  }

  /** Private topics that this client publishes. */
  get acceptedTopics(): readonly string[] {
    return [...this.#accepted.keys()].map((name) => name.slice(privateName('').length));
  }

  /** One handler a topic. @param topic 1 to 254 bytes. @throws SdkError */
  subscribe(topic: string, handler: AmopHandler): Unsubscribe {
    if (topic.startsWith(RESERVED_PREFIX)) {
      throw sdkError('BadArgument', `the topic ${echo(topic)} is of the nodes`, 'choose another beginning');
    }
    return this.#add([[topic, handler]]);
  }

  /**
   * Receives messages of a private topic, once its publisher has accepted the account's key.
   * @param account of suite ecdsa, on every chain
   */
  subscribePrivate(topic: string, account: Account, handler: AmopHandler): Unsubscribe {
    const verify: AmopHandler = ({ content }) => signText(account, content);
    return this.#add([
      [privateName(topic), (message) => handler({ ...message, topic })],
      [verifyName(topic, this.#ports), verify],
    ]);
  }

  /**
   * From now on nodes ask here who may receive messages of this private topic.
   * @param publicKeys of those who may, 64 bytes each: `account.publicKey`
   */
  acceptPrivate(topic: string, publicKeys: readonly Hex[]): Unsubscribe {
    const name = privateName(topic);
    bodyOf(pushName(name), '');
    const keys = checkKeys(publicKeys);
    this.#checkCount(1);
    this.#accepted.set(name, keys);
    this.#onTopics();
    return () => {
      if (this.#accepted.get(name) === keys && this.#accepted.delete(name)) this.#onTopics();
    };
  }

  /** To one subscriber, whichever the nodes choose. @returns its answer. @throws SdkError with the node's code */
  async publish(
    topic: string,
    content: Uint8Array | string,
    { timeoutMs = ANSWER_TIMEOUT_MS }: PublishOptions = {},
  ): Promise<Uint8Array> {
    const answer = await this.#send(FrameType.amopRequest, bodyOf(topic, content), timeoutMs);
    return readTopicBody(answer.data)?.content ?? answer.data;
  }

  /** To every subscriber of other nodes and of this one. Nobody says whether it came. */
  async multicast(topic: string, content: Uint8Array | string): Promise<void> {
    await this.#send(FrameType.amopMulticast, bodyOf(topic, content), ANSWER_TIMEOUT_MS);
  }

  /** Like `publish`, to one whose key was accepted with `acceptPrivate`. */
  publishPrivate(topic: string, content: Uint8Array | string, options?: PublishOptions): Promise<Uint8Array> {
    return this.publish(privateName(topic), content, options);
  }

  /** Like `multicast`, to all whose keys were accepted with `acceptPrivate`. */
  multicastPrivate(topic: string, content: Uint8Array | string): Promise<void> {
    return this.multicast(privateName(topic), content);
  }

  /** Frames 0x30 and 0x35 that answer nothing. */
  onPush(link: ChannelLink, frame: Frame): void {
    const body = readTopicBody(frame.data);
    const handler = body && this.#handlers.get(body.topic);
    if (body === undefined || handler === undefined) return;
    void this.#handle(link, frame, handler, { ...body, wantsAnswer: frame.type === FrameType.amopRequest });
  }

  /** Frame 0x37. */
  async onCertification(link: ChannelLink, frame: Frame): Promise<void> {
    link.send(FrameType.certification, frame.seq, EMPTY_BYTES);
    const asked = readCertification(frame);
    const keys = asked && this.#accepted.get(asked.topic);
    if (asked === undefined || keys === undefined) return;
    try {
      const content = randomText(this.#ports);
      const answer = await this.publish(asked.topicForCert, content);
      const isAccepted = await isSignedByOne(keys, content, answer);
      link.send(FrameType.verdict, link.newSeq(), verdictText(asked, isAccepted));
    } catch {
      // Nobody answered: the node asks again.
    }
  }

  #add(entries: readonly (readonly [string, AmopHandler])[]): Unsubscribe {
    this.#checkCount(entries.length);
    for (const [name] of entries) {
      bodyOf(name, '');
      if (!this.#handlers.has(name)) continue;
      throw sdkError('BadArgument', `the topic ${echo(name)} has a handler`, 'end its subscription first');
    }
    for (const [name, handler] of entries) this.#handlers.set(name, handler);
    this.#onTopics();
    return () => {
      const own = entries.filter(([name, handler]) => this.#handlers.get(name) === handler);
      for (const [name] of own) this.#handlers.delete(name);
      if (own.length > 0) this.#onTopics();
    };
  }

  #checkCount(added: number): void {
    if (this.#handlers.size + this.#accepted.size + added <= TOPICS_MAX) return;
    throw sdkError('TooMany', 'too many topics', 'end some subscriptions');
  }

  async #handle(link: ChannelLink, frame: Frame, handler: AmopHandler, message: AmopMessage): Promise<void> {
    try {
      const answer = await handler(message);
      if (message.wantsAnswer) link.send(FrameType.amopResponse, frame.seq, bodyOf(message.topic, answer ?? ''));
    } catch {
      // Without an answer the node tries the next subscriber. What went wrong is the handler's to tell.
    }
  }

  async #send(type: number, body: Uint8Array, timeoutMs: number): Promise<Frame> {
    const link = await this.#use();
    const answer = await link.request(type, FrameType.amopResponse, body, timeoutMs);
    if (answer.result === 0) return answer;
    const { result } = answer;
    throw new SdkError(result, 'the message did not arrive', ADVICE[result] ?? 'read the log of the node');
  }
}

function bodyOf(topic: string, content: Uint8Array | string): Uint8Array {
  const body = topicBody(topic, typeof content === 'string' ? utf8Bytes(content) : content);
  if (body !== undefined) return body;
  throw sdkError('BadArgument', `the topic ${echo(topic)} is too long or empty`, 'give 1 to 254 bytes');
}
