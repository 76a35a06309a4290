import type { MessageStream } from '@libp2p/interface';
import { GrowingBuffer } from './growingBuffer.js';

/** The other side closed or was too slow. */
class HandshakeStreamError extends Error {
  override readonly name = 'HandshakeStreamError';
}

/**
 * Reads exact numbers of bytes from a stream that later belongs to someone else: `release` gives back what was read too
 * much, before anything that comes later. One read at a time.
 */
export class HandshakeStream {
  readonly #stream: MessageStream;
  #received = new GrowingBuffer();
  #waiting: (() => void) | undefined;
  #failure: Error | undefined;

  readonly #signal: AbortSignal;

  /** What it holds is bounded by what the connection may bring: `HandshakeGuard`. */
  constructor(stream: MessageStream, signal: AbortSignal) {
    this.#stream = stream;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
    stream.addEventListener('message', this.#onMessage);
    stream.addEventListener('close', this.#onClose);
  }

  /** @throws HandshakeStreamError */
  async read(length: number): Promise<Uint8Array> {
    while (this.#received.length < length) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
      this.#waiting = undefined;
    }
    const all = this.#received.view;
    this.#received = new GrowingBuffer();
    this.#received.append(all.subarray(length));
    return all.subarray(0, length);
  }

  /** Stops reading. Call it without a pause after the last read, so that no byte is overtaken. */
  release(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#stream.removeEventListener('message', this.#onMessage);
    this.#stream.removeEventListener('close', this.#onClose);
    if (this.#received.length > 0 && this.#stream.status === 'open') this.#stream.unshift(this.#received.view);
  }

  readonly #onMessage = ({ data }: { data: { subarray(): Uint8Array } }): void => {
    this.#received.append(data.subarray());
    this.#waiting?.();
  };

  readonly #onClose = (): void => this.#fail('the other side closed the connection during the handshake');

  readonly #onAbort = (): void => this.#fail('the handshake took too long, or the node stops');

  #fail(message: string): void {
    this.#failure ??= new HandshakeStreamError(message);
    this.#waiting?.();
  }
}
