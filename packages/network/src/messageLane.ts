import { FRAME_HEADER_BYTES } from './frames.js';

export interface QueuedMessage {
  readonly group: number;
  readonly payload: Uint8Array;
}

/** Messages of one group that wait, oldest first. */
export class MessageLane {
  readonly group: number;
  /** Bytes it may send before the next lane has its turn; below 0 after a frame that was longer. */
  creditBytes = 0;
  /** Messages before `#front` have left; they are cut off together when they are the larger half. */
  #messages: QueuedMessage[] = [];
  #front = 0;
  #bytes = 0;

  constructor(group: number) {
    this.group = group;
  }

  get size(): number {
    return this.#messages.length - this.#front;
  }

  /** Of all frames here, as if none had begun to leave. */
  get bytes(): number {
    return this.#bytes;
  }

  get first(): QueuedMessage | undefined {
    return this.#messages[this.#front];
  }

  add(message: QueuedMessage): void {
    this.#messages.push(message);
    this.#bytes += frameBytes(message);
  }

  removeFirst(): void {
    this.#bytes -= frameBytes(this.#messages[this.#front]!);
    this.#messages[this.#front] = TAKEN;
    this.#front++;
    if (this.#front * 2 > this.#messages.length) {
      this.#messages.splice(0, this.#front);
      this.#front = 0;
    }
  }

  /** Takes out the one behind the first, which has begun to leave. @returns it, if there is one */
  removeSecond(): QueuedMessage | undefined {
    const [first, second] = [this.#messages[this.#front], this.#messages[this.#front + 1]];
    if (first === undefined || second === undefined) return undefined;
    this.#messages[this.#front + 1] = first;
    this.#messages[this.#front] = second;
    this.removeFirst();
    return second;
  }

  /** Takes all out from this place on. */
  removeFrom(place: number): QueuedMessage[] {
    const removed = this.#messages.splice(this.#front + place);
    for (const message of removed) this.#bytes -= frameBytes(message);
    return removed;
  }
}

/** With its header. */
export function frameBytes({ payload }: QueuedMessage): number {
  return FRAME_HEADER_BYTES + payload.length;
}

/** Stands in the place of a message that has left, so that its payload can be freed at once. */
const TAKEN: QueuedMessage = { group: 0, payload: new Uint8Array(0) };
