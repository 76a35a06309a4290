import { MAX_GROUP_ID } from '@menglian/types/limits';
import { GrowingBuffer } from './growingBuffer.js';

/*
 * A frame on a module's stream:
 *
 *   length   u32 big-endian   bytes that follow it: 3 + payload
 *   version  u8               1
 *   group    u16 big-endian   1 to 32767; 0 with an empty payload is a heartbeat
 *   payload
 */

const FRAME_VERSION = 1;
export const FRAME_HEADER_BYTES = 7;
const AFTER_LENGTH_BYTES = FRAME_HEADER_BYTES - 4;

export const HEARTBEAT_GROUP = 0;

/** Why a stream's bytes are refused. Each of them closes the connection. */
export type FrameFault = 'FrameTooLong' | 'FrameTooShort' | 'UnknownFrameVersion' | 'BadGroup' | 'BadHeartbeat';

export function writeFrameHeader(into: Uint8Array, offset: number, group: number, payloadBytes: number): void {
  const length = AFTER_LENGTH_BYTES + payloadBytes;
  into[offset] = length >>> 24;
  into[offset + 1] = (length >>> 16) & 0xff;
  into[offset + 2] = (length >>> 8) & 0xff;
  into[offset + 3] = length & 0xff;
  into[offset + 4] = FRAME_VERSION;
  into[offset + 5] = group >>> 8;
  into[offset + 6] = group & 0xff;
}

/**
 * Cuts a stream of bytes into frames. Memory: the header (7 bytes), then only what has really arrived of one frame whose
 * length was checked. A payload that lies in one chunk is handed out as a view of it.
 */
export class FrameReader {
  readonly #maxPayloadBytes: number;
  readonly #onFrame: (group: number, payload: Uint8Array) => void;
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  #group = 0;
  #payloadBytes = 0;
  /** The beginning of a payload that spans chunks. */
  #body: GrowingBuffer | undefined;

  constructor(maxPayloadBytes: number, onFrame: (group: number, payload: Uint8Array) => void) {
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#onFrame = onFrame;
  }

  /** Bytes of an unfinished frame. */
  get bufferedBytes(): number {
    return this.#headerBytes + (this.#body?.length ?? 0);
  }

  /** @returns what is wrong; after that the reader must not be used any more. */
  push(chunk: Uint8Array): FrameFault | undefined {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#headerBytes < FRAME_HEADER_BYTES) {
        const taken = Math.min(FRAME_HEADER_BYTES - this.#headerBytes, chunk.length - offset);
        this.#header.set(chunk.subarray(offset, offset + taken), this.#headerBytes);
        this.#headerBytes += taken;
        offset += taken;
        if (this.#headerBytes < FRAME_HEADER_BYTES) return undefined;
        const fault = this.#readHeader();
        if (fault !== undefined) return fault;
      }
      const missing = this.#payloadBytes - (this.#body?.length ?? 0);
      const part = chunk.subarray(offset, offset + missing);
      offset += part.length;
      if (this.#body !== undefined || part.length < missing) {
        this.#body ??= new GrowingBuffer();
        this.#body.append(part);
        if (part.length < missing) return undefined;
      }
      const payload = this.#body?.view ?? part;
      this.#headerBytes = 0;
      this.#body = undefined;
      this.#onFrame(this.#group, payload);
    }
    return undefined;
  }

  #readHeader(): FrameFault | undefined {
    const header = this.#header;
    const length = header[0]! * 0x100_0000 + (header[1]! << 16) + (header[2]! << 8) + header[3]!;
    this.#payloadBytes = length - AFTER_LENGTH_BYTES;
    this.#group = header[5]! * 256 + header[6]!;
    if (this.#payloadBytes < 0) return 'FrameTooShort';
    if (this.#payloadBytes > this.#maxPayloadBytes) return 'FrameTooLong';
    if (header[4] !== FRAME_VERSION) return 'UnknownFrameVersion';
    if (this.#group > MAX_GROUP_ID) return 'BadGroup';
    if (this.#group === HEARTBEAT_GROUP && this.#payloadBytes > 0) return 'BadHeartbeat';
    return undefined;
  }
}
