import { FRAME_HEADER_BYTES, writeFrameHeader } from './frames.js';
import { BATCH_BYTES, MAX_QUEUED_MESSAGES } from './limits.js';

export interface QueuedMessage {
  readonly group: number;
  readonly payload: Uint8Array;
}

/** What a full queue does with one message more. */
export type OverflowPolicy = 'refuse' | 'drop-oldest';

/** Messages of one module that wait for one peer, bounded in bytes and in number. Gives them out in batches of frames. */
export class SendQueue {
  readonly #maxBytes: number;
  readonly #policy: OverflowPolicy;
  /** Messages before `#front` have left; they are cut off together when they are the larger half. */
  #messages: QueuedMessage[] = [];
  #front = 0;
  #bytes = 0;
  /** Bytes of the first message's frame that have left already. */
  #sentOfFirst = 0;
  #dropped = 0;

  constructor(maxBytes: number, policy: OverflowPolicy) {
    this.#maxBytes = maxBytes;
    this.#policy = policy;
  }

  /** Frames that wait, the rest of a partly sent one included. */
  get size(): number {
    return this.#messages.length - this.#front;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that made room for younger ones. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @returns false when it is full, or could not hold the message even if it were empty. */
  add(message: QueuedMessage): boolean {
    const frameBytes = FRAME_HEADER_BYTES + message.payload.length;
    while (this.#bytes + frameBytes > this.#maxBytes || this.size >= MAX_QUEUED_MESSAGES) {
      if (this.#policy === 'refuse' || !this.#dropOldest()) return false;
    }
    this.#messages.push(message);
    this.#bytes += frameBytes;
    return true;
  }

  /** The next bytes of the stream, at most BATCH_BYTES: whole small frames, or a piece of a large one. */
  takeBatch(): Uint8Array | undefined {
    const first = this.#messages[this.#front];
    if (first === undefined) return undefined;
    if (this.#sentOfFirst >= FRAME_HEADER_BYTES) return this.#takePiece(first);

    let batchBytes = 0;
    for (let i = this.#front; i < this.#messages.length && batchBytes < BATCH_BYTES; i++) {
      batchBytes += FRAME_HEADER_BYTES + this.#messages[i]!.payload.length;
    }
    const batch = new Uint8Array(Math.min(batchBytes, BATCH_BYTES));
    let offset = 0;
    while (offset + FRAME_HEADER_BYTES <= batch.length) {
      const { group, payload } = this.#messages[this.#front]!;
      writeFrameHeader(batch, offset, group, payload.length);
      offset += FRAME_HEADER_BYTES;
      const piece = payload.subarray(0, batch.length - offset);
      batch.set(piece, offset);
      offset += piece.length;
      if (piece.length < payload.length) {
        this.#sentOfFirst = FRAME_HEADER_BYTES + piece.length;
        this.#bytes -= this.#sentOfFirst;
        break;
      }
      this.#bytes -= FRAME_HEADER_BYTES + payload.length;
      this.#removeFirst();
    }
    return offset === batch.length ? batch : batch.subarray(0, offset);
  }

  /** Takes all messages out that have not begun to leave, for another connection to the same peer. */
  takeWaiting(): QueuedMessage[] {
    const begun = this.#sentOfFirst > 0 ? 1 : 0;
    const waiting = this.#messages.splice(this.#front + begun);
    for (const { payload } of waiting) this.#bytes -= FRAME_HEADER_BYTES + payload.length;
    return waiting;
  }

  #takePiece({ payload }: QueuedMessage): Uint8Array {
    const start = this.#sentOfFirst - FRAME_HEADER_BYTES;
    const piece = payload.subarray(start, start + BATCH_BYTES);
    this.#bytes -= piece.length;
    if (start + piece.length === payload.length) this.#removeFirst();
    else this.#sentOfFirst += piece.length;
    return piece;
  }

  /** @returns false when there is none that may be dropped: a frame that has begun must be finished. */
  #dropOldest(): boolean {
    const begun = this.#sentOfFirst > 0;
    const oldest = this.#messages[this.#front + (begun ? 1 : 0)];
    if (oldest === undefined) return false;
    this.#bytes -= FRAME_HEADER_BYTES + oldest.payload.length;
    this.#dropped++;
    if (begun) this.#messages[this.#front + 1] = this.#messages[this.#front]!;
    this.#advance();
    return true;
  }

  #removeFirst(): void {
    this.#sentOfFirst = 0;
    this.#advance();
  }

  #advance(): void {
    this.#messages[this.#front] = TAKEN;
    this.#front++;
    if (this.#front * 2 > this.#messages.length) {
      this.#messages.splice(0, this.#front);
      this.#front = 0;
    }
  }
}

/** Stands in the place of a message that has left, so that its payload can be freed at once. */
const TAKEN: QueuedMessage = { group: 0, payload: new Uint8Array(0) };
