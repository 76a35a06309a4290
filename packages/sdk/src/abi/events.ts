import { utf8Bytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { bytesOf, type Hash, hexOf } from '../hex.js';
import type { Log } from '../logs/log.js';
import { sdkError } from '../sdkError.js';
import type { AbiEvent, AbiParameter } from './abi.js';
import { signatureText } from './signature.js';
import { decodeValues, encodeValues } from './values.js';

/** The first topic of an event that is not anonymous. */
export function eventTopic(suite: CryptoSuite, event: AbiEvent): Hash {
  return hexOf(suite.hash(utf8Bytes(signatureText(event))));
}

/** @returns arguments by name (by index where there is none), or undefined when the log is not of this event */
export function decodeEvent(
  suite: CryptoSuite,
  event: AbiEvent,
  log: Log,
): Readonly<Record<string, unknown>> | undefined {
  const isAnonymous = event.anonymous === true;
  if (!isAnonymous && log.topics[0] !== eventTopic(suite, event)) return undefined;
  const indexed = event.inputs.filter((input) => input.indexed === true);
  const topics = isAnonymous ? log.topics : log.topics.slice(1);
  if (topics.length !== indexed.length) return undefined;
  const plain = decodeValues(
    event.inputs.filter((input) => input.indexed !== true),
    bytesOf(log.data, 'the data'),
  );
  if (plain === undefined) return undefined;
  const values: Record<string, unknown> = {};
  let nextPlain = 0;
  let nextTopic = 0;
  for (const [index, input] of event.inputs.entries()) {
    const name = input.name || String(index);
    if (input.indexed !== true) {
      values[name] = plain[nextPlain++];
      continue;
    }
    const topic = topics[nextTopic++]!;
    const decoded = isHashed(input) ? [topic] : decodeValues([input], bytesOf(topic, 'a topic'));
    if (decoded === undefined) return undefined;
    values[name] = decoded[0];
  }
  return values;
}

/** Topics of a filter: for each position the values that it may have. @throws SdkError `BadArgument` */
export function filterTopics(
  suite: CryptoSuite,
  event: AbiEvent,
  where: Readonly<Record<string, unknown>>,
): readonly (readonly Hash[] | null)[] {
  const indexed = event.inputs.filter((input) => input.indexed === true);
  for (const name of Object.keys(where)) {
    if (indexed.some((input) => input.name === name)) continue;
    const names = indexed.map((input) => input.name).join(', ') || 'nothing, this event has none';
    throw sdkError('BadArgument', `${event.name} has no indexed argument ${name}`, `ask for ${names}`);
  }
  const topics = indexed.map((input) => {
    const wanted = input.name === undefined ? undefined : where[input.name];
    if (wanted === undefined) return null;
    const isChoice = Array.isArray(wanted) && !input.type.endsWith(']') && input.type !== 'tuple';
    return (isChoice ? (wanted as readonly unknown[]) : [wanted]).map((value) => topicOf(suite, event, input, value));
  });
  return event.anonymous === true ? topics : [[eventTopic(suite, event)], ...topics];
}

/** Dynamic values are on the chain as hashes (Solidity documentation, "Encoding of Indexed Event Parameters"). */
function isHashed({ type }: AbiParameter): boolean {
  return type === 'string' || type === 'bytes' || type.startsWith('tuple') || type.endsWith(']');
}

function topicOf(suite: CryptoSuite, event: AbiEvent, input: AbiParameter, value: unknown): Hash {
  const what = `${event.name}.${input.name}`;
  const encoded = encodeValues([input], [value], what);
  if (!isHashed(input)) return hexOf(encoded);
  if (input.type === 'string') return hexOf(suite.hash(utf8Bytes(value as string)));
  if (input.type === 'bytes') return hexOf(suite.hash(bytesOf(value as string, what)));
  const advice = 'leave it out and look at the events that come';
  throw sdkError('NotSupported', `${what} is a struct or an array, which cannot be asked for`, advice);
}
