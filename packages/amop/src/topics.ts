/** Names of topics, and the body that carries one: docs/amop.md, "Body". */
import { fromByteString, toByteString, utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { TOPIC_BYTES_MAX } from './limits.js';

/** A byte string, one character for each byte of the name in UTF-8: what is not UTF-8 stays what it is. */
export type Topic = string;

const PRIVATE_PREFIX = '#!$TopicNeedVerify_';
const VERIFY_CHANNEL_PREFIX = '#!$VerifyChannel_';
const PUSH_CHANNEL_PREFIX = '#!$PushChannel_';
const NODE_PREFIX = '_block_notify_';

/** `_` and 32 hexadecimal digits at the end of a verify channel. */
const CHANNEL_SUFFIX_CHARACTERS = 33;

/** @returns undefined when the name is empty or too long to be in a body */
export function topicOfText(text: string): Topic | undefined {
  if (text === '' || text.length > TOPIC_BYTES_MAX) return undefined;
  const topic = toByteString(utf8Bytes(text));
  return topic.length > TOPIC_BYTES_MAX ? undefined : topic;
}

export function textOfTopic(topic: Topic): string {
  return utf8Text(fromByteString(topic));
}

/** The topic that a body begins with; it may be empty. @returns undefined when the length byte does not fit */
export function topicOfBody(body: Uint8Array): Topic | undefined {
  const end = body[0];
  if (end === undefined || end < 1 || end > body.length) return undefined;
  return toByteString(body.subarray(1, end));
}

/** Block notices are the node's own to send: some clients end when anything else comes under that name. */
export function isNodeTopic(topic: Topic): boolean {
  return topic.startsWith(NODE_PREFIX);
}

/** Only subscribers that a publisher has verified receive messages to it. */
export function isPrivateTopic(topic: Topic): boolean {
  return topic.startsWith(PRIVATE_PREFIX);
}

/** The topic by which a session says that it publishes to a private topic. */
export function pushChannelOf(privateTopic: Topic): Topic {
  return PUSH_CHANNEL_PREFIX + privateTopic;
}

/** The private topic whose subscriber answers challenges on this topic, if it is one for that. */
export function privateTopicOfVerifyChannel(topic: Topic): Topic | undefined {
  if (!topic.startsWith(VERIFY_CHANNEL_PREFIX)) return undefined;
  const privateTopic = topic.slice(VERIFY_CHANNEL_PREFIX.length, -CHANNEL_SUFFIX_CHARACTERS);
  return isPrivateTopic(privateTopic) ? privateTopic : undefined;
}
