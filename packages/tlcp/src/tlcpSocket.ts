import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { VerifiedClient } from './identity.js';
import type { ServerConnection } from './serverConnection.js';

/**
 * A connection after its handshake, as a stream of content. Each `write` leaves as a record of its own, or several for
 * more than 16 KiB: what is written in two calls never shares one.
 */
export class TlcpSocket extends Duplex {
  /** undefined when clients are not asked who they are */
  readonly client: VerifiedClient | undefined;
  /** of the agreement, for the log */
  readonly suite: string;
  readonly #socket: Socket;
  readonly #connection: ServerConnection;

  constructor(socket: Socket, connection: ServerConnection, client: VerifiedClient | undefined, suite: string) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#connection = connection;
    this.client = client;
    this.suite = suite;
    socket.on('close', () => this.destroy());
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }

  setNoDelay(isOn: boolean): void {
    this.#socket.setNoDelay(isOn);
  }

  /** Content of one record, from the server that reads the socket. */
  deliver(content: Uint8Array): void {
    if (!this.push(content)) this.#socket.pause();
  }

  /** The client sends no more. */
  deliverEnd(): void {
    this.push(null);
    // Who has stopped listening shall still see the end.
    if (this.listenerCount('data') === 0) this.resume();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, onDone: (error?: Error | null) => void): void {
    if (!this.#connection.isOpen) {
      onDone(new Error('the TLCP connection has ended'));
      return;
    }
    const records = this.#connection.seal(chunk);
    if (records === undefined) onDone(new Error('the keys of this TLCP connection are used up'));
    else this.#socket.write(records, onDone);
  }

  override _final(onDone: () => void): void {
    // Not before all has left: what is done on both sides is destroyed.
    this.#socket.end(this.#connection.close(), () => onDone());
  }

  override _destroy(error: Error | null, onDone: (error: Error | null) => void): void {
    this.#socket.destroy();
    onDone(error);
  }
}
