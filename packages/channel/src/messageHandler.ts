import { equalBytes, utf8Bytes } from '@menglian/base/bytes';
import { notAllowed, overLimit } from '@menglian/rpc/errors';
import { canonicalJson } from '@menglian/rpc/json';
import { EventCode, eventReplyText, parseEventRequest } from './events/eventRequest.js';
import type { Frame } from './frame.js';
import { groupOf } from './groupOf.js';
import { JSON_BYTES_MAX, TOPICS_MAX } from './limits.js';
import { MessageType } from './messageTypes.js';
import type { ChannelBackend } from './ports.js';
import type { ReceiptPushes } from './receiptPushes.js';
import type { ChannelSession } from './session.js';

/** The newest version of the protocol; the oldest is 1. */
const PROTOCOL_MAX = 3;

/**
 * The least time that a request of version 1 takes. python-sdk sends first and then notes who waits for the answer: one that is
 * faster than that, which on one machine happens to one in a hundred, is lost there.
 */
const UNHURRIED_MS = 2;

/** Acts on what SDKs send. What is not understood is ignored, never answered: SDKs die of answers that they do not expect. */
export class MessageHandler {
  readonly #backend: ChannelBackend;
  readonly #receipts: ReceiptPushes;

  constructor(backend: ChannelBackend, receipts: ReceiptPushes) {
    this.#backend = backend;
    this.#receipts = receipts;
  }

  /** @returns resolves when a request is answered; at once for everything else */
  async handle(session: ChannelSession, frame: Frame): Promise<void> {
    if (session.takeAnswer(frame)) return;
    const { amop } = this.#backend;
    switch (frame.type) {
      case MessageType.Rpc:
        return this.#onRequest(session, frame);
      case MessageType.Heartbeat:
        this.#onHeartbeat(session, frame);
        break;
      case MessageType.Handshake:
        this.#onHandshake(session, frame);
        break;
      case MessageType.Topics:
        this.#onTopics(session, frame);
        break;
      case MessageType.RegisterEvents:
      case MessageType.UnregisterEvents:
        return this.#onEvents(session, frame);
      case MessageType.AmopRequest:
        amop.publish(session.number, frame.sequence, frame.data);
        break;
      case MessageType.AmopMulticast:
        amop.multicast(session.number, frame.sequence, frame.data);
        break;
      case MessageType.TopicStatus:
        this.#onTopicStatus(frame);
        break;
    }
  }

  async #onRequest(session: ChannelSession, { type, sequence, data }: Frame): Promise<void> {
    const startedAtMs = performance.now();
    const watch = this.#receipts.open(session, sequence);
    let isSend = false;
    const chunks = await this.#backend.answer(session.number, [data], {
      refusal: (method, params) => {
        if (typeof method !== 'string') return undefined;
        const groupId = groupOf(method, params);
        if (groupId !== undefined && !this.#backend.isAllowed(groupId, session.publicKey)) {
          return { error: notAllowed(method), hidesId: true };
        }
        isSend = method.startsWith('sendRawTransaction');
        const isTooMuch = isSend && watch === undefined;
        if (isTooMuch || !this.#backend.takeRequest(method, groupId))
          return { error: overLimit(method), hidesId: false };
        return undefined;
      },
      watch: { number: watch ?? 0, isAsync: session.protocol >= PROTOCOL_MAX },
    });
    const earlyMs = UNHURRIED_MS - (performance.now() - startedAtMs);
    if (session.protocol === 1 && earlyMs > 0) await new Promise((resolve) => setTimeout(resolve, earlyMs));
    session.send({ type, sequence, result: 0, data: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
    if (watch !== undefined) this.#receipts.onAnswered(watch, isSend && isSuccess(chunks[0]!));
  }

  /** Version 1 answers "1" to "0" and nothing else; the later ones answer anything. */
  #onHeartbeat(session: ChannelSession, { type, sequence, data }: Frame): void {
    if (session.protocol > 1) session.send({ type, sequence, result: 0, data: HEARTBEAT });
    else if (data.length === 1 && data[0] === ZERO) session.send({ type, sequence, result: 0, data: ONE });
  }

  #onHandshake(session: ChannelSession, { type, sequence, data }: Frame): void {
    const wish = objectOf(data);
    const { minimumSupport = 1, maximumSupport = 1 } = wish ?? {};
    if (wish === undefined || typeof minimumSupport !== 'number' || typeof maximumSupport !== 'number') return;
    if (maximumSupport < 1 || minimumSupport > PROTOCOL_MAX) {
      session.end('no common version');
      return;
    }
    session.protocol = Math.min(PROTOCOL_MAX, Math.floor(maximumSupport));
    const reply = { nodeVersion: this.#backend.nodeVersion, protocol: session.protocol };
    session.send({ type, sequence, result: 0, data: Buffer.from(`${canonicalJson(reply)}\n`) });
  }

  #onTopics(session: ChannelSession, { data }: Frame): void {
    const topics = parse(data);
    if (!Array.isArray(topics) || topics.length > TOPICS_MAX || !topics.every(isTopic)) return;
    session.topics = new Set(topics);
    this.#backend.amop.onTopics(session.number, topics);
  }

  async #onEvents(session: ChannelSession, { type, sequence, data }: Frame): Promise<void> {
    const code = await this.#eventCode(session, type, data);
    session.send({ type, sequence, result: 0, data: Buffer.concat([EMPTY_TOPIC, Buffer.from(eventReplyText(code))]) });
  }

  async #eventCode({ number, publicKey }: ChannelSession, type: number, data: Uint8Array): Promise<number> {
    const { groups } = this.#backend;
    if (data.length === 0 || data.length > JSON_BYTES_MAX || data[0]! > data.length) return EventCode.invalidRequest;
    // A topic in front, empty in all SDKs: its length counts itself.
    const parsed = parseEventRequest(Buffer.from(data.subarray(data[0])).toString('utf8'));
    if (!parsed.ok) return parsed.reason;
    const { groupId, filterId } = parsed.value;
    if (!groups.has(groupId)) return EventCode.groupNotFound;
    if (!this.#backend.isAllowed(groupId, publicKey)) return EventCode.notAllowed;
    if (type === MessageType.UnregisterEvents) return groups.unregisterEvents(groupId, filterId);
    return groups.registerEvents(number, parsed.value);
  }

  #onTopicStatus({ data }: Frame): void {
    const { checkResult, nodeId, topic } = objectOf(data) ?? {};
    if (typeof checkResult !== 'number' || typeof nodeId !== 'string' || typeof topic !== 'string') return;
    this.#backend.amop.onTopicStatus({ checkResult, nodeId, topic });
  }
}

/** How every answer begins that is no error. */
const SUCCESS = utf8Bytes('{"id":');
const HEARTBEAT = utf8Bytes('{"heartBeat":1}\n');
const ZERO = 0x30;
const ONE = utf8Bytes('1');
const EMPTY_TOPIC = Buffer.of(1);

function isSuccess(answer: Uint8Array): boolean {
  return equalBytes(answer.subarray(0, SUCCESS.length), SUCCESS);
}

function parse(data: Uint8Array): unknown {
  if (data.length > JSON_BYTES_MAX) return undefined;
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
}

function objectOf(data: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const value = parse(data);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** Its length, counting itself, is one byte of a frame. */
const TOPIC_BYTES_MAX = 254;

function isTopic(value: unknown): value is string {
  return typeof value === 'string' && Buffer.byteLength(value) <= TOPIC_BYTES_MAX;
}
