import type { SeededRandom } from '@menglian/base/seededRandom';
import { mutate } from '../fuzz/mutate.js';
import { newSeq, rpcBody } from './conformanceClient.js';
import { encodeFrame, HEADER_BYTES, topicBody, TYPE } from './frames.js';
import { Sender } from './sender.js';

/** Frames that are almost right, and what a server must make of a stream of them. */

const LENGTH_MAX = 104_857_600;

/** What may stand where a value of JSON stood. */
const HOSTILE_VALUES: readonly string[] = [
  'null',
  'true',
  '-1',
  '0',
  '1.5',
  '1e400',
  '9007199254740993',
  '""',
  '"0x"',
  '"latest"',
  `"${'z'.repeat(5000)}"`,
  '"\\u0000\\ud800"',
  '[]',
  '{}',
  `${'['.repeat(200)}${']'.repeat(200)}`,
  '{"__proto__":{"a":1},"constructor":null}',
];
const JSON_VALUE = /"(?:[^"\\]|\\.)*"|-?\d+|null/g;

interface Sample {
  readonly type: number;
  readonly data: Uint8Array;
}

/** At least one message of each type, most of which would be answered. */
export function samples(): readonly Sample[] {
  const event = { groupID: '1', fromBlock: '1', toBlock: '2', addresses: [`0x${'1'.repeat(40)}`], topics: [null] };
  const subscription = topicBody('', JSON.stringify({ filterID: newSeq(), ...event }));
  const { raw } = new Sender().save({ blockLimit: 1_000_000n });
  const call = { from: `0x${'0'.repeat(40)}`, to: `0x${'5002'.padStart(40, '0')}`, data: '0x00', value: '0x0' };
  const requests = [
    rpcBody('getBlockNumber', 1),
    rpcBody('getClientVersion'),
    rpcBody('getBlockByNumber', 1, '0x0', true),
    rpcBody('getTransactionReceipt', 1, `0x${'12'.repeat(32)}`),
    rpcBody('getSystemConfigByKey', 1, 'tx_count_limit'),
    rpcBody('call', 1, call),
    rpcBody('sendRawTransaction', 1, raw),
    rpcBody('sendRawTransactionAndGetProof', 1, raw),
  ];
  const certificate = { checkResult: 0, nodeId: 'ab'.repeat(64), topic: '#!$TopicNeedVerify_a' };
  const others: readonly (readonly [type: number, data: string | Uint8Array])[] = [
    [TYPE.heartbeat, '0'],
    [TYPE.heartbeat, '{"heartBeat":0}'],
    [TYPE.handshake, '{"minimumSupport":1,"maximumSupport":3,"clientType":"java-sdk"}'],
    [TYPE.registerEvent, subscription],
    [TYPE.unregisterEvent, subscription],
    [TYPE.amopRequest, topicBody('price', 'hi')],
    [TYPE.amopResponse, topicBody('price', 'hi')],
    [TYPE.reportTopics, '["_block_notify_1","price","#!$PushChannel_#!$TopicNeedVerify_a"]'],
    [TYPE.amopMulticast, topicBody('price', 'hi')],
    [TYPE.requestCertification, ''],
    [TYPE.updateTopicStatus, JSON.stringify(certificate)],
    [TYPE.receipt, '{}'],
  ];
  return [...requests.map((body) => [TYPE.rpc, body] as const), ...others].map(([type, data]) => ({
    type,
    data: Uint8Array.from(Buffer.from(data)),
  }));
}

/** One frame, of which most keep a true length: else every connection would end with its first frame. */
export function hostileFrame(random: SeededRandom, from: readonly Sample[]): Uint8Array {
  const { type, data } = random.pick(from);
  const seq = random.chance(70) ? newSeq() : Buffer.from(random.bytes(32)).toString('latin1');
  const frame = encodeFrame(random.chance(3) ? random.below(0x1_0000) : type, seq, hostileData(random, data, from));
  if (random.chance(3)) frame.writeInt32BE(random.below(2 ** 31) - 2 ** 30, 38);
  if (random.chance(99)) return frame;
  return mutate(random, [Uint8Array.from(frame), Uint8Array.from(encodeFrame(type, seq, data))]);
}

function hostileData(random: SeededRandom, data: Uint8Array, from: readonly Sample[]): Uint8Array {
  if (random.chance(10)) return data;
  if (random.chance(40)) return mutate(random, [data, random.pick(from).data]);
  const text = Buffer.from(data).toString('latin1');
  const values = [...text.matchAll(JSON_VALUE)];
  if (values.length === 0) return mutate(random, [data]);
  const { index, 0: value } = random.pick(values);
  const changed = text.slice(0, index) + random.pick(HOSTILE_VALUES) + text.slice(index + value.length);
  return Buffer.from(changed, 'latin1');
}

/** What becomes of a connection that is sent these bytes. */
export interface Outcome {
  /** Somewhere stands a length that ends the connection. */
  readonly mustEnd: boolean;
  /** A handshake may be without a common version. */
  readonly mayEnd: boolean;
  /** Bytes that the last frame promises and that are not there. */
  readonly missingBytes: number;
}

/** Reads a stream as a server must read it. */
export function outcomeOf(stream: Buffer): Outcome {
  let mayEnd = false;
  for (let start = 0; start < stream.length;) {
    const rest = stream.length - start;
    // A header that is not whole goes on with the zeros that the test appends.
    const header = Buffer.alloc(HEADER_BYTES);
    stream.copy(header, 0, start);
    const length = header.readUInt32BE(0);
    if (length < HEADER_BYTES || length > LENGTH_MAX) {
      return { mustEnd: true, mayEnd, missingBytes: Math.max(0, HEADER_BYTES - rest) };
    }
    mayEnd ||= header.readUInt16BE(4) === TYPE.handshake;
    if (length > rest) return { mustEnd: false, mayEnd, missingBytes: length - rest };
    start += length;
  }
  return { mustEnd: false, mayEnd, missingBytes: 0 };
}
