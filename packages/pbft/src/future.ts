import type { NodeId } from '@menglian/types/address';
import { FUTURE_BYTES_PER_PEER, FUTURE_MESSAGES_PER_PEER } from './limits.js';
import type { Message } from './messages.js';

interface Kept {
  readonly message: Message;
  readonly sizeBytes: number;
}

/**
 * Messages that came too early: for a height above the window or a view not entered yet. Unverified, so bounded for each
 * sender alone: a flood pushes out the flooder's own messages and nobody else's.
 */
export class FutureMessages {
  readonly #kept = new Map<NodeId, Kept[]>();

  add(from: NodeId, message: Message, sizeBytes: number): void {
    const list = this.#kept.get(from) ?? [];
    this.#kept.set(from, list);
    list.push({ message, sizeBytes });
    let totalBytes = 0;
    for (const kept of list) totalBytes += kept.sizeBytes;
    while (list.length > FUTURE_MESSAGES_PER_PEER || totalBytes > FUTURE_BYTES_PER_PEER) {
      totalBytes -= list.shift()!.sizeBytes;
    }
  }

  /** Takes everything out, by sender in order of first arrival; what is still early is simply kept again. */
  take(): { readonly from: NodeId; readonly message: Message; readonly sizeBytes: number }[] {
    const all = [...this.#kept].flatMap(([from, list]) => list.map((kept) => ({ from, ...kept })));
    this.#kept.clear();
    return all;
  }

  /** Messages kept now. */
  get size(): number {
    let size = 0;
    for (const list of this.#kept.values()) size += list.length;
    return size;
  }
}
