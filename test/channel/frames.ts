/**
 * Frames of the SDK port, written from the public format alone: length 4, type 2, seq 32, result 4, then data; integers
 * big-endian. Nothing here comes from the server's package, so that an error cannot hide by being made on both sides.
 */

export const HEADER_BYTES = 42;
const SEQ_BYTES = 32;

export const TYPE = {
  rpc: 0x12,
  heartbeat: 0x13,
  handshake: 0x14,
  registerEvent: 0x15,
  unregisterEvent: 0x16,
  amopRequest: 0x30,
  amopResponse: 0x31,
  reportTopics: 0x32,
  amopMulticast: 0x35,
  requestCertification: 0x37,
  updateTopicStatus: 0x38,
  receipt: 0x1000,
  blockNotify: 0x1001,
  eventPush: 0x1002,
} as const;

/** The seq of pushes that answer nothing. */
export const PUSH_SEQ = '0'.repeat(SEQ_BYTES);

export interface Frame {
  readonly type: number;
  /** 32 characters of Latin-1, one a byte */
  readonly seq: string;
  readonly result: number;
  readonly data: Buffer;
}

/** @param seq 32 characters of Latin-1 */
export function encodeFrame(type: number, seq: string, data: string | Uint8Array = '', result = 0): Buffer {
  const body = Buffer.from(data);
  const frame = Buffer.alloc(HEADER_BYTES + body.length);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt16BE(type, 4);
  frame.write(seq, 6, SEQ_BYTES, 'latin1');
  frame.writeInt32BE(result, 38);
  body.copy(frame, HEADER_BYTES);
  return frame;
}

/** @param bytes one whole frame */
export function decodeFrame(bytes: Buffer): Frame {
  return {
    type: bytes.readUInt16BE(4),
    seq: bytes.toString('latin1', 6, 6 + SEQ_BYTES),
    result: bytes.readInt32BE(38),
    data: bytes.subarray(HEADER_BYTES),
  };
}

/** Content behind a topic: a byte of the topic's length, itself counted, then the topic, then the content. */
export function topicBody(topic: string, content: string | Uint8Array): Buffer {
  const name = Buffer.from(topic);
  return Buffer.concat([Buffer.from([name.length + 1]), name, Buffer.from(content)]);
}

export function readTopicBody(data: Buffer): { topic: string; content: Buffer } {
  const length = data[0] ?? 0;
  if (length === 0 || length > data.length) throw new Error(`no topic body: ${data.toString('hex', 0, 40)}`);
  return { topic: data.toString('utf8', 1, length), content: data.subarray(length) };
}

/** A frame as a reader of a failed test wants to see it. */
export function frameText({ type, seq, result, data }: Frame): string {
  const name = Object.entries(TYPE).find(([, number]) => number === type)?.[0] ?? 'unknown';
  const shown = JSON.stringify(data.toString('latin1', 0, 200));
  return `0x${type.toString(16)} ${name}, seq ${JSON.stringify(seq)}, result ${result}, ${data.length} bytes: ${shown}`;
}
