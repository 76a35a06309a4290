import { invariant } from '@menglian/base/invariant';
import { yamux } from '@libp2p/yamux';
import type { MessageStream, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';
import { GrowingBuffer } from './growingBuffer.js';
import { MAX_STREAMS_PER_CONNECTION, STREAM_WINDOW_BYTES } from './limits.js';

/** Facts of the yamux specification, section "Framing". */
const YAMUX_HEADER_BYTES = 12;
const TYPE_OFFSET = 1;
const TYPE_DATA = 0;
const LENGTH_OFFSET = 8;

/** Methods of `@libp2p/yamux` that its own code looks up on each call. */
interface MuxerHooks {
  onData: (data: { subarray(): Uint8Array }) => void;
  onRemoteStream: (stream: Stream) => void;
}

/** Members of a stream of `@libp2p/yamux`, which its own code looks up on each call. */
interface StreamHooks {
  /** 0 and 2 while a frame has still to say that the stream is opened, or taken */
  readonly state: number;
  readonly recvWindow: number;
  /** what is left of it */
  readonly recvWindowCapacity: number;
  sendWindowUpdate: () => void;
}

const MUST_ANNOUNCE: ReadonlySet<number> = new Set([0, 2]);

/** Never handled: libp2p resets a stream of it. */
const NO_PROTOCOL = '/menglian/none';

/**
 * yamux with two bounds that the library does not have.
 *
 * Its receiving side holds at most one data frame of a stream's window. The library's own decoder waits for as many bytes
 * as a frame's header claims, up to 4 GiB, before anyone can object; here a claim beyond the window ends the connection
 * when its header arrives, and the library only ever sees whole frames.
 *
 * The protocol of a stream follows from its number: the dialling side opens `protocols` in order. So streams need no
 * negotiation, whose reader has the weakness that `HandshakeGuard` describes.
 *
 * And it gives room back when half of a window is used, as the specification allows, instead of with every frame.
 */
export function boundedYamux(protocols: readonly string[]): () => StreamMuxerFactory {
  const createFactory = yamux({
    maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
    maxOutboundStreams: MAX_STREAMS_PER_CONNECTION,
    streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES },
  });
  return () => {
    const factory = createFactory();
    return {
      protocol: factory.protocol,
      createStreamMuxer(connection: MessageStream): StreamMuxer {
        const muxer = factory.createStreamMuxer(connection);
        const hooks = muxer as unknown as MuxerHooks;
        invariant(typeof hooks.onData === 'function', 'network/yamux-receiver');
        invariant(typeof hooks.onRemoteStream === 'function', 'network/yamux-streams');
        const guard = new YamuxFrameGuard(hooks.onData.bind(muxer));
        const accept = hooks.onRemoteStream.bind(muxer);
        const create = muxer.createStream.bind(muxer);
        hooks.onData = (data) => guard.push(data.subarray());
        hooks.onRemoteStream = (stream) => {
          stream.protocol = protocolOf(stream, protocols);
          updateByHalves(stream);
          accept(stream);
        };
        muxer.createStream = async (options) => {
          const stream = await create(options);
          stream.protocol = protocolOf(stream, protocols);
          updateByHalves(stream);
          return stream;
        };
        return muxer;
      },
    };
  };
}

/** yamux specification, "Stream ID": the side that dialled uses 1, 3, 5, …; the other one opens none. */
function protocolOf({ id }: Stream, protocols: readonly string[]): string {
  return protocols[(Number(id) - 1) / 2] ?? NO_PROTOCOL;
}

/** A window update for each message of a busy link is as many messages again. */
function updateByHalves(stream: Stream): void {
  const hooks = stream as unknown as StreamHooks;
  invariant(typeof hooks.sendWindowUpdate === 'function', 'network/yamux-window');
  const update = hooks.sendWindowUpdate.bind(stream);
  hooks.sendWindowUpdate = () => {
    const used = hooks.recvWindow - hooks.recvWindowCapacity;
    if (MUST_ANNOUNCE.has(hooks.state) || used * 2 >= hooks.recvWindow) update();
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
