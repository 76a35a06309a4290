import { invariant } from '@menglian/base/invariant';
import { yamux } from '@libp2p/yamux';
import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';
import { GrowingBuffer } from './growingBuffer.js';
import { MAX_STREAMS_PER_CONNECTION, STREAM_WINDOW_BYTES } from './limits.js';

/** Facts of the yamux specification, section "Framing". */
const YAMUX_HEADER_BYTES = 12;
const TYPE_OFFSET = 1;
const TYPE_DATA = 0;
const LENGTH_OFFSET = 8;

/** What `@libp2p/yamux` calls for the bytes of the connection; it looks the method up on each call. */
interface Receiver {
  onData: (data: Uint8Array) => void;
}

/**
 * yamux whose receiving side holds at most one data frame of a stream's window. The library's own decoder waits for as
 * many bytes as a frame's header claims, up to 4 GiB, before anyone can object; here a claim beyond the window ends the
 * connection when its header arrives, and the library only ever sees whole frames.
 */
export function boundedYamux(): () => StreamMuxerFactory {
  const createFactory = yamux({
    maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
    maxOutboundStreams: MAX_STREAMS_PER_CONNECTION,
    streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES },
  });
  return () => {
    const factory = createFactory();
    return {
      protocol: factory.protocol,
      createStreamMuxer(stream: MessageStream): StreamMuxer {
        const muxer = factory.createStreamMuxer(stream);
        const receiver = muxer as unknown as Receiver;
        invariant(typeof receiver.onData === 'function', 'network/yamux-receiver');
        const forward = receiver.onData.bind(muxer);
        const frames = new YamuxFrameGuard(forward);
        receiver.onData = (data) => frames.push(data.subarray());
        return muxer;
      },
    };
  };
}

/** Passes whole yamux frames on, several at a time when they arrive so. @throws RangeError on a frame beyond the window */
export class YamuxFrameGuard {
  readonly #forward: (frames: Uint8Array) => void;
  /** The beginning of a frame that is not complete. */
  #partial: GrowingBuffer | undefined;

  constructor(forward: (frames: Uint8Array) => void) {
    this.#forward = forward;
  }

  get bufferedBytes(): number {
    return this.#partial?.length ?? 0;
  }

  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (this.#partial !== undefined && rest.length > 0) {
      const known = this.#partial.view;
      const frameBytes = known.length < YAMUX_HEADER_BYTES ? YAMUX_HEADER_BYTES : yamuxFrameBytes(known, 0);
      const part = rest.subarray(0, frameBytes - known.length);
      rest = rest.subarray(part.length);
      this.#partial.append(part);
      const joined = this.#partial.view;
      if (joined.length >= YAMUX_HEADER_BYTES && joined.length === yamuxFrameBytes(joined, 0)) {
        this.#partial = undefined;
        this.#forward(joined);
      }
    }
    let whole = 0;
    while (rest.length - whole >= YAMUX_HEADER_BYTES) {
      const end = whole + yamuxFrameBytes(rest, whole);
      if (end > rest.length) break;
      whole = end;
    }
    if (whole > 0) this.#forward(rest.subarray(0, whole));
    if (whole < rest.length) {
      this.#partial = new GrowingBuffer();
      this.#partial.append(rest.subarray(whole));
    }
  }
}

/** Length of the frame whose header is at `offset`, header included. */
function yamuxFrameBytes(bytes: Uint8Array, offset: number): number {
  if (bytes[offset + TYPE_OFFSET] !== TYPE_DATA) return YAMUX_HEADER_BYTES;
  let length = 0;
  for (let i = 0; i < 4; i++) length = length * 256 + bytes[offset + LENGTH_OFFSET + i]!;
  if (length > STREAM_WINDOW_BYTES) throw new RangeError('yamux frame is longer than the window of a stream');
  return YAMUX_HEADER_BYTES + length;
}
