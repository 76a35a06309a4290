import { EMPTY_BYTES } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { AbstractMessageStream, type SendResult } from '@libp2p/utils';
import type { AbortOptions, MessageStream } from '@libp2p/interface';
import type { Uint8ArrayList } from 'uint8arraylist';
import { RecordReader, type RecordOpener, type RecordSealer } from './records.js';
import { CONTENT_BYTES_MAX } from './smLimits.js';

/** What can be wrong with a connection after its handshake. */
export type LinkFault =
  /** A length that no record has. */
  | 'BadRecordLength'
  /** Changed on the way, replayed, left out or out of order. */
  | 'RecordNotAuthentic'
  /** It ended without the record with which its end says that there is no more: lost, killed, or cut in between. */
  | 'CutOff';

class LinkFaultError extends Error {
  override readonly name = 'LinkFaultError';
}

/**
 * Seals what goes out and opens what comes in, once the handshake is over. The last record of each side is empty: without
 * it the other side knows that something was cut off.
 */
export class SmMessageStream extends AbstractMessageStream {
  readonly #connection: MessageStream;
  readonly #sealer: RecordSealer;
  readonly #opener: RecordOpener;
  readonly #reader: RecordReader;
  #fault: LinkFault | undefined;
  #closeSent = false;
  #closeReceived = false;
  #isAborted = false;

  constructor(connection: MessageStream, sealer: RecordSealer, opener: RecordOpener) {
    super({
      log: connection.log,
      inactivityTimeout: connection.inactivityTimeout,
      maxReadBufferLength: connection.maxReadBufferLength,
      direction: connection.direction,
    });
    this.#connection = connection;
    this.#sealer = sealer;
    this.#opener = opener;
    this.#reader = new RecordReader((record) => this.#receive(record));
    this.#sayCloseBefore(connection);
    connection.addEventListener('message', ({ data }) => {
      if (!this.#reader.push(data.subarray())) this.#fail('BadRecordLength');
    });
    connection.addEventListener('close', (event) => this.#ended(event));
    connection.addEventListener('drain', () => this.safeDispatchEvent('drain'));
    connection.addEventListener('remoteCloseWrite', () => this.onRemoteCloseWrite());
  }

  /** undefined while nothing is wrong, and after a close by either side */
  get fault(): LinkFault | undefined {
    return this.#fault;
  }

  close(options?: AbortOptions): Promise<void> {
    return this.#connection.close(options);
  }

  override sendData(data: Uint8ArrayList): SendResult {
    let canSendMore = true;
    for (let start = 0; start < data.byteLength; start += CONTENT_BYTES_MAX) {
      const content = data.subarray(start, Math.min(start + CONTENT_BYTES_MAX, data.byteLength));
      canSendMore = this.#connection.send(this.#sealer.seal(content));
    }
    return { sentBytes: data.byteLength, canSendMore };
  }

  override sendReset(error: Error): void {
    this.#isAborted = true;
    this.#connection.abort(error);
  }

  override sendPause(): void {
    this.#connection.pause();
  }

  override sendResume(): void {
    this.#connection.resume();
  }

  #receive(record: Uint8Array): void {
    // What follows the end or a fault is nobody's.
    if (this.#closeReceived || this.#fault !== undefined) return;
    const content = this.#opener.open(record);
    if (content === undefined) {
      this.#fail('RecordNotAuthentic');
    } else if (content.length > 0) {
      this.onData(content);
    } else {
      this.#closeReceived = true;
      this.#connection.close().catch((error: unknown) => this.#connection.abort(error as Error));
    }
  }

  #fail(fault: LinkFault): void {
    this.#fault ??= fault;
    this.abort(new LinkFaultError(fault));
  }

  #ended({ error, local }: { error?: Error; local?: boolean }): void {
    // Not `local`: the transport calls a reset of the other side its own.
    if (!this.#closeSent && !this.#closeReceived && !this.#isAborted) this.#fault ??= 'CutOff';
    if (error === undefined) this.onTransportClosed();
    else if (local === true) this.abort(error);
    else this.onRemoteReset();
  }

  /** libp2p closes the connection of the transport, not this stream; it looks the method up on each call. */
  #sayCloseBefore(connection: MessageStream): void {
    invariant(typeof connection.close === 'function', 'network/connection-close');
    const close = connection.close.bind(connection);
    connection.close = (options) => {
      if (!this.#closeSent && connection.status === 'open') {
        this.#closeSent = true;
        connection.send(this.#sealer.seal(EMPTY_BYTES));
      }
      return close(options);
    };
  }
}
