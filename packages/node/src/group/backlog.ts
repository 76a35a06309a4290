import { invariant } from '@menglian/base/invariant';
import type { Plane } from './threadProtocol.js';

/**
 * Bytes of network messages on their way to a group's thread above which messages of a plane are dropped. A thread that
 * executes a long transaction reads nothing for seconds; what is lost then is asked for again, as on a bad network. The
 * order of the limits is the order of importance.
 */
export const BACKLOG_BYTES_MAX: Readonly<Record<Plane, number>> = {
  transactions: 32 * 1024 * 1024,
  sync: 64 * 1024 * 1024,
  consensus: 96 * 1024 * 1024,
};

/** Charged for each message beside its payload. */
const MESSAGE_OVERHEAD_BYTES = 256;

/** Counts what was sent to a group's thread and not read there yet. */
export class Backlog {
  #bytes = 0;
  #dropped = 0;

  /** @returns false when the message must be dropped */
  admit(plane: Plane, payloadBytes: number): boolean {
    if (this.#bytes + payloadBytes > BACKLOG_BYTES_MAX[plane]) {
      this.#dropped++;
      return false;
    }
    this.#bytes += chargedBytes(payloadBytes);
    return true;
  }

  /** The thread has read messages that were charged with so many bytes. */
  consumed(bytes: number): void {
    invariant(bytes <= this.#bytes, 'node/backlog-consumed');
    this.#bytes -= bytes;
  }

  /** Messages dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}

export function chargedBytes(payloadBytes: number): number {
  return payloadBytes + MESSAGE_OVERHEAD_BYTES;
}
