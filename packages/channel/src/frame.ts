/** Bytes before the data: length 4, type 2, sequence 32, result 4, all big-endian. */
export const HEADER_BYTES = 42;
const SEQUENCE_BYTES = 32;

/** Bytes of a frame, header included, as in 2.x. */
export const FRAME_BYTES_MAX = 100 * 1024 * 1024;

/** What travels on the channel in both directions (docs/channel.md, "Frames"). */
export interface Frame {
  readonly type: number;
  /** 32 bytes that an answer repeats; SDKs put 32 ASCII characters there */
  readonly sequence: Uint8Array;
  /** signed; 0 is "ok" */
  readonly result: number;
  readonly data: Uint8Array;
}

/** The sequence of what answers nothing. */
export const NO_SEQUENCE: Uint8Array = Buffer.alloc(SEQUENCE_BYTES, '0');

export function encodeFrame({ type, sequence, result, data }: Frame): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + data.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt16BE(type, 4);
  bytes.set(sequence, 6);
  bytes.writeInt32BE(result, 38);
  bytes.set(data, HEADER_BYTES);
  return bytes;
}

/** @param bytes one whole frame. The parts are views into it */
export function decodeFrame(bytes: Buffer): Frame {
  return {
    type: bytes.readUInt16BE(4),
    sequence: bytes.subarray(6, 6 + SEQUENCE_BYTES),
    result: bytes.readInt32BE(38),
    data: bytes.subarray(HEADER_BYTES),
  };
}
