import type { HandshakeConnection } from '../handshake.js';

/** The other side as bytes that are given from the start; it closes behind them. */
export class Script implements HandshakeConnection {
  #incoming: Buffer;
  #sent = Buffer.alloc(0);

  constructor(...incoming: readonly Uint8Array[]) {
    this.#incoming = Buffer.concat(incoming);
  }

  /** Everything that was sent. */
  get sent(): Buffer {
    return this.#sent;
  }

  send(bytes: Uint8Array): void {
    this.#sent = Buffer.concat([this.#sent, bytes]);
  }

  async read(length: number): Promise<Uint8Array> {
    if (this.#incoming.length < length) throw new Error('closed');
    const bytes = this.#incoming.subarray(0, length);
    this.#incoming = this.#incoming.subarray(length);
    return bytes;
  }
}
