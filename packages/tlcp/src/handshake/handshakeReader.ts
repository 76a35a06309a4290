import { HANDSHAKE_MESSAGE_BYTES_MAX } from '../limits.js';

export const HandshakeType = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

/** type and length */
const HEADER_BYTES = 4;
const FIRST_CAPACITY_BYTES = 1024;

export interface HandshakeMessage {
  readonly type: number;
  readonly body: Uint8Array;
  /** with its header, as the transcript has it */
  readonly bytes: Uint8Array;
}

/** Puts messages together that come in several records, and takes those apart that come in one. */
export class HandshakeReader {
  /** Twice as large as before when it is too small, so that records of one byte cost no more than others. */
  #buffer = new Uint8Array(FIRST_CAPACITY_BYTES);
  #start = 0;
  #end = 0;

  /** Between two messages. */
  get isEmpty(): boolean {
    return this.#start === this.#end;
  }

  /** At most one message is incomplete when the next content comes: with `next` called in between, that is the bound. */
  push(content: Uint8Array): void {
    const held = this.#buffer.subarray(this.#start, this.#end);
    const length = held.length + content.length;
    if (this.#end + content.length > this.#buffer.length) {
      const isRoomy = length <= this.#buffer.length / 2;
      const buffer = isRoomy ? this.#buffer : new Uint8Array(2 * length);
      buffer.set(held);
      this.#buffer = buffer;
      this.#start = 0;
    }
    this.#buffer.set(content, this.#start + held.length);
    this.#end = this.#start + length;
  }

  /** @returns the next message that is complete, undefined while none is, 'too long' for one that must not be awaited */
  next(): HandshakeMessage | 'too long' | undefined {
    const held = this.#buffer.subarray(this.#start, this.#end);
    if (held.length < HEADER_BYTES) return undefined;
    const length = (held[1]! << 16) | (held[2]! << 8) | held[3]!;
    if (length > HANDSHAKE_MESSAGE_BYTES_MAX) return 'too long';
    if (held.length < HEADER_BYTES + length) return undefined;
    this.#start += HEADER_BYTES + length;
    // A copy: the place is used again.
    const bytes = held.slice(0, HEADER_BYTES + length);
    return { type: bytes[0]!, body: bytes.subarray(HEADER_BYTES), bytes };
  }
}

/** One message as it is sent. */
export function encodeHandshake(type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  bytes.set([type, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff]);
  bytes.set(body, HEADER_BYTES);
  return bytes;
}
