/** What nodes send each other for AMOP: docs/amop.md, "Between nodes". Any bytes may come; errors are reasons. */
import { fromByteString, toByteString } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import { BinaryReader, type BinaryReason, BinaryWriter } from '@menglian/codec/binary';
import { BODY_BYTES_MAX, TOPICS_PER_NODE_MAX, TOPIC_BYTES_MAX } from './limits.js';
import type { Topic } from './topics.js';

/** Version of all layouts of this file. */
const VERSION = 1;

/** Identifier that a client gives its request. */
const SEQ_BYTES = 32;

/** Why a peer has no answer of a subscriber: it has none, none of them answered, or it carries too much already. */
export type FailureReason = 'noSession' | 'busy';

export type AmopMessage =
  /** All topics of the sender's sessions, ascending. */
  | { readonly kind: 'topics'; readonly topics: readonly Topic[] }
  /** A unicast; `number` is the sender's own and new for each attempt. */
  | { readonly kind: 'request'; readonly number: number; readonly seq: Uint8Array; readonly body: Uint8Array }
  /** What a subscriber answered; `result` has 32 bits and a sign. */
  | { readonly kind: 'response'; readonly number: number; readonly result: number; readonly body: Uint8Array }
  | { readonly kind: 'failure'; readonly number: number; readonly reason: FailureReason }
  | { readonly kind: 'multicast'; readonly seq: Uint8Array; readonly body: Uint8Array };

export const KINDS = { topics: 0, request: 1, response: 2, failure: 3, multicast: 4 } as const;
const FAILURE_REASONS: readonly FailureReason[] = ['noSession', 'busy'];

export function encodeMessage(message: AmopMessage): Uint8Array {
  const writer = new BinaryWriter('body' in message ? message.body.length + 64 : 256);
  writer.u8(VERSION).u8(KINDS[message.kind]);
  switch (message.kind) {
    case 'topics':
      writer.u32(message.topics.length);
      for (const topic of message.topics) writer.u8(topic.length).bytes(fromByteString(topic));
      break;
    case 'request':
      writer.u64(message.number).bytes(message.seq).blob(message.body);
      break;
    case 'response':
      writer
        .u64(message.number)
        .u32(message.result >>> 0)
        .blob(message.body);
      break;
    case 'failure':
      writer.u64(message.number).u8(FAILURE_REASONS.indexOf(message.reason));
      break;
    case 'multicast':
      writer.bytes(message.seq).blob(message.body);
      break;
  }
  return writer.finish();
}

export function decodeMessage(bytes: Uint8Array): Result<AmopMessage, BinaryReason> {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== VERSION) reader.fail('BadValue');
  const message = readMessage(reader, reader.u8());
  const reason = reader.end() ?? (message === undefined ? 'BadValue' : undefined);
  return message === undefined || reason !== undefined ? failure(reason ?? 'BadValue') : success(message);
}

function readMessage(reader: BinaryReader, kind: number): AmopMessage | undefined {
  switch (kind) {
    case KINDS.topics:
      return { kind: 'topics', topics: readTopics(reader) };
    case KINDS.request:
      return { kind: 'request', number: reader.u64(), seq: reader.bytes(SEQ_BYTES), body: readBody(reader) };
    case KINDS.response:
      return { kind: 'response', number: reader.u64(), result: reader.u32() | 0, body: readBody(reader) };
    case KINDS.failure: {
      const [number, reason] = [reader.u64(), FAILURE_REASONS[reader.u8()]];
      return reason === undefined ? undefined : { kind: 'failure', number, reason };
    }
    case KINDS.multicast:
      return { kind: 'multicast', seq: reader.bytes(SEQ_BYTES), body: readBody(reader) };
    default:
      return undefined;
  }
}

function readBody(reader: BinaryReader): Uint8Array {
  return reader.blob(BODY_BYTES_MAX);
}

/** Ascending order leaves one encoding and no duplicates. */
function readTopics(reader: BinaryReader): Topic[] {
  const topics: Topic[] = [];
  const count = reader.count(TOPICS_PER_NODE_MAX, 2);
  let former = '';
  for (let i = 0; i < count; i++) {
    const length = reader.u8();
    if (length > TOPIC_BYTES_MAX) reader.fail('TooLong');
    const topic = toByteString(reader.bytes(length));
    if (topic <= former) reader.fail('BadValue');
    if (reader.failed !== undefined) return [];
    topics.push(topic);
    former = topic;
  }
  return topics;
}
