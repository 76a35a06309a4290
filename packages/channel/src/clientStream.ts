import type { Duplex } from 'node:stream';

/**
 * The stream of a client after its handshake, whatever protects it. Each `write` leaves in records of its own, as long as
 * one waits for the one before.
 */
export interface ClientStream extends Duplex {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  setNoDelay(isOn: boolean): unknown;
}

export interface CarrierListener {
  /** @param publicKey of the client's certificate, 128 hexadecimal digits; undefined where it says nothing about its use */
  onClient(stream: ClientStream, publicKey: string | undefined): void;
  /** A client with which there is no connection. */
  onRefused(address: string, reason: string): void;
}
