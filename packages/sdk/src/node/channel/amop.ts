import { utf8Bytes } from '@menglian/base/bytes';
import { echo } from '../../hex.js';
import { SdkError, sdkError } from '../../sdkError.js';
import type { Unsubscribe } from '../../transport.js';
import type { ChannelLink } from './channelLink.js';
import { type Frame, FrameType, readTopicBody, topicBody } from './frame.js';

/** Topics of one client. */
const TOPICS_MAX = 1000;

/** Longer than a node takes to try every subscriber (30 s each node). */
const ANSWER_TIMEOUT_MS = 60_000;

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
  readonly #use: () => Promise<ChannelLink>;
  readonly #onTopics: () => void;
  readonly #handlers = new Map<string, AmopHandler>();

  constructor(use: () => Promise<ChannelLink>, onTopics: () => void) {
    this.#use = use;
    this.#onTopics = onTopics;
  }

  get topics(): readonly string[] {
    return [...this.#handlers.keys()];
  }

  /** One handler a topic. @param topic 1 to 254 bytes. @throws SdkError */
  subscribe(topic: string, handler: AmopHandler): Unsubscribe {
    bodyOf(topic, '');
    if (this.#handlers.has(topic)) {
      throw sdkError('BadArgument', `the topic ${echo(topic)} has a handler`, 'end its subscription first');
    }
    if (this.#handlers.size >= TOPICS_MAX) throw sdkError('TooMany', 'too many topics', 'end some subscriptions');
    this.#handlers.set(topic, handler);
    this.#onTopics();
    return () => {
      if (this.#handlers.get(topic) !== handler) return;
      this.#handlers.delete(topic);
      this.#onTopics();
    };
  }

  /** To one subscriber, whichever the nodes choose. @returns its answer. @throws SdkError with the node's code */
  async publish(
    topic: string,
    content: Uint8Array | string,
    { timeoutMs = ANSWER_TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
  ): Promise<Uint8Array> {
    const answer = await this.#send(FrameType.amopRequest, bodyOf(topic, content), timeoutMs);
    return readTopicBody(answer.data)?.content ?? answer.data;
  }

  /** To every subscriber of other nodes and of this one. Nobody says whether it came. */
  async multicast(topic: string, content: Uint8Array | string): Promise<void> {
    await this.#send(FrameType.amopMulticast, bodyOf(topic, content), ANSWER_TIMEOUT_MS);
  }

  /** Frames 0x30 and 0x35 that answer nothing. */
  onPush(link: ChannelLink, frame: Frame): void {
    const body = readTopicBody(frame.data);
    const handler = body && this.#handlers.get(body.topic);
    if (body === undefined || handler === undefined) return;
    void this.#handle(link, frame, handler, { ...body, wantsAnswer: frame.type === FrameType.amopRequest });
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
