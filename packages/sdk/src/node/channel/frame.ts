import { concatBytes, EMPTY_BYTES, utf8Bytes, utf8Text } from '@menglian/base/bytes';

/** Frames of the channel: length, type, sequence, result, data; all integers big-endian. */

export const FrameType = {
  rpc: 0x12,
  heartbeat: 0x13,
  handshake: 0x14,
  registerEvents: 0x15,
  unregisterEvents: 0x16,
  amopRequest: 0x30,
  amopResponse: 0x31,
  topics: 0x32,
  amopMulticast: 0x35,
  certification: 0x37,
  verdict: 0x38,
  receipt: 0x1000,
  blockNotice: 0x1001,
  events: 0x1002,
} as const;

export interface Frame {
  readonly type: number;
  /** 32 characters, one for each byte. */
  readonly seq: string;
  readonly result: number;
  readonly data: Uint8Array;
}

const HEADER_BYTES = 42;
const SEQ_BYTES = 32;

/** Of one frame, as nodes bound it. */
export const FRAME_BYTES_MAX = 100 * 1024 * 1024;

/** Of a topic: its length byte counts itself. */
const TOPIC_BYTES_MAX = 254;

export function encodeFrame({ type, seq, result, data }: Frame): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length);
  view.setUint16(4, type);
  for (let i = 0; i < SEQ_BYTES; i++) bytes[6 + i] = seq.charCodeAt(i);
  view.setInt32(38, result);
  bytes.set(data, HEADER_BYTES);
  return bytes;
}

/** Puts frames together from pieces as they come. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** Bytes of the frame that is being received; the header's until that is there. */
  #wanted = HEADER_BYTES;
  #isBroken = false;

  /** @returns the frames that are complete now, or undefined when what comes are no frames: give up the connection */
  push(piece: Uint8Array): Frame[] | undefined {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const frames: Frame[] = [];
    while (!this.#isBroken && this.#length >= this.#wanted) {
      const bytes = this.#joined();
      const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
      if (length < HEADER_BYTES || length > FRAME_BYTES_MAX) this.#isBroken = true;
      else if (bytes.length < length) this.#wanted = length;
      else {
        frames.push(decodeFrame(bytes.subarray(0, length)));
        this.#pieces = [bytes.subarray(length)];
        this.#length -= length;
        this.#wanted = HEADER_BYTES;
      }
    }
    return this.#isBroken ? undefined : frames;
  }

  #joined(): Uint8Array {
    if (this.#pieces.length > 1) this.#pieces = [concatBytes(...this.#pieces)];
    return this.#pieces[0]!;
  }
}

function decodeFrame(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    type: view.getUint16(4),
    seq: String.fromCharCode(...bytes.subarray(6, 6 + SEQ_BYTES)),
    result: view.getInt32(38),
    data: bytes.subarray(HEADER_BYTES),
  };
}

/** @returns undefined when the topic is empty or too long */
export function topicBody(topic: string, content: Uint8Array = EMPTY_BYTES): Uint8Array | undefined {
  const name = utf8Bytes(topic);
  if (name.length === 0 || name.length > TOPIC_BYTES_MAX) return undefined;
  return concatBytes(Uint8Array.of(name.length + 1), name, content);
}

/** What stands before the JSON of event requests: a topic of no bytes. */
export function withoutTopic(json: string): Uint8Array {
  return concatBytes(Uint8Array.of(1), utf8Bytes(json));
}

/** @returns undefined when the length byte points beyond the data */
export function readTopicBody(data: Uint8Array): { topic: string; content: Uint8Array } | undefined {
  const end = data[0];
  if (end === undefined || end === 0 || end > data.length) return undefined;
  return { topic: utf8Text(data.subarray(1, end)), content: data.subarray(end) };
}

/** @returns undefined when the text is not JSON */
export function readJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(utf8Text(data));
  } catch {
    return undefined;
  }
}
