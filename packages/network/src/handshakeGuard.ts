import { invariant } from '@menglian/base/invariant';
import type { ConnectionProtector, MessageStream } from '@libp2p/interface';
import { MAX_HANDSHAKE_BYTES, MAX_NEGOTIATION_BYTES } from './limits.js';
import { writeWhole } from './wholeWrites.js';

/** What libp2p's connections call for the bytes of the socket; they look the method up on each call. */
interface Receiver {
  onData?: (data: { readonly byteLength: number }) => void;
}

/**
 * Counts what strangers send. The negotiation that libp2p runs in front of the encryption reads byte by byte and has no
 * end to a length of `ff ff ff …`: 4 MB of it kept the event loop busy for 10 s. Here a connection may bring
 * MAX_NEGOTIATION_BYTES until the handshake begins and MAX_HANDSHAKE_BYTES until it is accepted.
 */
export class HandshakeGuard implements ConnectionProtector {
  readonly #budgets = new WeakMap<MessageStream, { remaining: number }>();

  /** libp2p hands every new connection, in both directions, through here before it reads from it. */
  async protect(stream: MessageStream): Promise<MessageStream> {
    writeWhole(stream);
    const receiver = stream as Receiver;
    invariant(typeof receiver.onData === 'function', 'network/connection-receiver');
    const forward = receiver.onData.bind(stream);
    const budget = { remaining: MAX_NEGOTIATION_BYTES };
    this.#budgets.set(stream, budget);
    receiver.onData = (data) => {
      budget.remaining -= data.byteLength;
      if (budget.remaining < 0) stream.abort(new RangeError('more bytes than a handshake has'));
      else forward(data);
    };
    return stream;
  }

  handshakeBegins(stream: MessageStream): void {
    const budget = this.#budgets.get(stream);
    if (budget !== undefined) budget.remaining += MAX_HANDSHAKE_BYTES;
  }

  /** Gives the connection its own method back. */
  accepted(stream: MessageStream): void {
    if (this.#budgets.delete(stream)) delete (stream as Receiver).onData;
  }
}
