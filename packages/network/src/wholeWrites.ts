import { invariant } from '@menglian/base/invariant';
import type { MessageStream } from '@libp2p/interface';

/** What a TCP connection of libp2p calls with bytes for its socket; it looks the method up on each call. */
interface Sender {
  sendData?: (pieces: Iterable<Uint8Array>) => unknown;
}

/**
 * Makes each message leave with one call of the system. Noise hands over its length and its data as two pieces, and the
 * connection writes each by itself; to join them copies the bytes, which costs less than the second call.
 */
export function writeWhole(stream: MessageStream): void {
  const sender = stream as Sender;
  invariant(typeof sender.sendData === 'function', 'network/connection-sender');
  const send = sender.sendData.bind(stream);
  sender.sendData = (pieces) => send([(pieces as unknown as { subarray(): Uint8Array }).subarray()]);
}
