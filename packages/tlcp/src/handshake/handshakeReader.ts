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

export interface HandshakeMessage {
  readonly type: number;
  readonly body: Uint8Array;
  /** with its header, as the transcript has it */
  readonly bytes: Uint8Array;
}

/** Puts messages together that come in several records, and takes those apart that come in one. */
export class HandshakeReader {
  #held: Uint8Array = new Uint8Array(0);

  /** Between two messages. */
  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  push(content: Uint8Array): void {
    // At most one message is incomplete, and records are no smaller than one byte: the limit bounds this copying.
    const held = new Uint8Array(this.#held.length + content.length);
    held.set(this.#held);
    held.set(content, this.#held.length);
    this.#held = held;
  }

  /** @returns the next message that is complete, undefined while none is, 'too long' for one that must not be awaited */
  next(): HandshakeMessage | 'too long' | undefined {
    if (this.#held.length < HEADER_BYTES) return undefined;
    const length = (this.#held[1]! << 16) | (this.#held[2]! << 8) | this.#held[3]!;
    if (length > HANDSHAKE_MESSAGE_BYTES_MAX) return 'too long';
    const end = HEADER_BYTES + length;
    if (this.#held.length < end) return undefined;
    const bytes = this.#held.subarray(0, end);
    this.#held = this.#held.subarray(end);
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
