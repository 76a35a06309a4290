import { invariant } from '@menglian/base/invariant';
import { FRAME_HEADER_BYTES, writeFrameHeader } from './frames.js';
import { BATCH_BYTES, MAX_QUEUED_MESSAGES } from './limits.js';
import { frameBytes, MessageLane, type QueuedMessage } from './messageLane.js';

/** What a full queue does with one message more. */
export type OverflowPolicy = 'refuse' | 'drop-oldest';

/** Bytes of one group that leave before the next group has its turn. */
const TURN_BYTES = 16 * 1024;

/**
 * Messages of one module that wait for one peer, bounded in bytes and in number. Gives them out in batches of frames. Groups
 * take turns, so that what one of them has waiting neither delays nor displaces what others send.
 */
export class SendQueue {
  readonly #maxBytes: number;
  readonly #policy: OverflowPolicy;
  /** By group, in the order of their turns; none is empty. */
  readonly #lanes = new Map<number, MessageLane>();
  #size = 0;
  #bytes = 0;
  /** Whose first frame has begun to leave, and how many bytes of it have. */
  #begun: { readonly lane: MessageLane; sentBytes: number } | undefined;
  #dropped = 0;

  /** @param maxBytes that messages of one group may fill */
  constructor(maxBytes: number, policy: OverflowPolicy) {
    this.#maxBytes = maxBytes;
    this.#policy = policy;
  }

  /** Frames that wait, the rest of a partly sent one included. */
  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that made room for younger ones. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @returns false when there is no room for its group, or could not be even if the queue were empty. */
  add(message: QueuedMessage): boolean {
    if (frameBytes(message) > this.#maxBytes) return false;
    while (!this.#hasRoom(message)) {
      if (this.#policy === 'refuse' || !this.#dropOldest()) return false;
    }
    const lane = this.#lanes.get(message.group) ?? new MessageLane(message.group);
    if (lane.size === 0) this.#lanes.set(message.group, lane);
    lane.add(message);
    this.#size++;
    this.#bytes += frameBytes(message);
    return true;
  }

  /** The next bytes of the stream, at most BATCH_BYTES: whole small frames, or a piece of a large one. */
  takeBatch(): Uint8Array | undefined {
    if (this.#begun !== undefined) return this.#takePiece(this.#begun);
    if (this.#size === 0) return undefined;
    const batch = new Uint8Array(Math.min(this.#bytes, BATCH_BYTES));
    let offset = 0;
    while (offset + FRAME_HEADER_BYTES <= batch.length) {
      const lane = this.#laneInTurn();
      const { group, payload } = lane.first!;
      writeFrameHeader(batch, offset, group, payload.length);
      offset += FRAME_HEADER_BYTES;
      const piece = payload.subarray(0, batch.length - offset);
      batch.set(piece, offset);
      offset += piece.length;
      this.#bytes -= FRAME_HEADER_BYTES + piece.length;
      if (piece.length < payload.length) {
        this.#begun = { lane, sentBytes: piece.length };
        break;
      }
      this.#onSent(lane);
    }
    return offset === batch.length ? batch : batch.subarray(0, offset);
  }

  /** Takes all messages out that have not begun to leave, for another connection to the same peer. */
  takeWaiting(): QueuedMessage[] {
    const waiting: QueuedMessage[] = [];
    for (const lane of this.#lanes.values()) {
      const removed = lane.removeFrom(lane === this.#begun?.lane ? 1 : 0);
      for (const message of removed) this.#onRemoved(message);
      waiting.push(...removed);
      if (lane.size === 0) this.#lanes.delete(lane.group);
    }
    return waiting;
  }

  /**
   * Where nothing is dropped for others, each group may fill the limit once and all together twice, and none takes more
   * than half of what others leave free of that: the next one finds as much again.
   */
  #hasRoom(message: QueuedMessage): boolean {
    const bytes = frameBytes(message);
    if (this.#policy === 'drop-oldest') return this.#fits(this.#bytes + bytes, this.#size + 1, 1);
    const lane = this.#lanes.get(message.group);
    const [ownBytes, ownSize] = [this.#waitingBytes(lane) + bytes, (lane?.size ?? 0) + 1];
    return this.#fits(ownBytes, ownSize, 1) && this.#fits(ownBytes + this.#bytes, ownSize + this.#size, 2);
  }

  #fits(bytes: number, size: number, times: number): boolean {
    return bytes <= times * this.#maxBytes && size <= times * MAX_QUEUED_MESSAGES;
  }

  #waitingBytes(lane: MessageLane | undefined): number {
    if (lane === undefined) return 0;
    return lane === this.#begun?.lane ? lane.bytes - FRAME_HEADER_BYTES - this.#begun.sentBytes : lane.bytes;
  }

  #takePiece(begun: { readonly lane: MessageLane; sentBytes: number }): Uint8Array {
    const { payload } = begun.lane.first!;
    const piece = payload.subarray(begun.sentBytes, begun.sentBytes + BATCH_BYTES);
    begun.sentBytes += piece.length;
    this.#bytes -= piece.length;
    if (begun.sentBytes === payload.length) {
      this.#begun = undefined;
      this.#onSent(begun.lane);
    }
    return piece;
  }

  /** Who has sent a long frame leaves out turns until that is made good. */
  #laneInTurn(): MessageLane {
    this.#passUselessTurns();
    // A lane that is moved to the end comes again.
    for (const lane of this.#lanes.values()) {
      if (lane.creditBytes <= 0) lane.creditBytes = (this.#lanes.size === 1 ? 0 : lane.creditBytes) + TURN_BYTES;
      if (lane.creditBytes > 0) return lane;
      this.#moveToEnd(lane);
    }
    invariant(false, 'network/lane-in-turn', 'asked for while nothing waits');
  }

  /** Where all lanes have long frames to make good, the turns that none of them could use pass at once. */
  #passUselessTurns(): void {
    let turns = Infinity;
    for (const { creditBytes } of this.#lanes.values()) {
      turns = Math.min(turns, Math.floor(-creditBytes / TURN_BYTES));
      if (turns <= 0) return;
    }
    for (const lane of this.#lanes.values()) lane.creditBytes += turns * TURN_BYTES;
  }

  /** The first frame of a lane has left. */
  #onSent(lane: MessageLane): void {
    lane.creditBytes -= frameBytes(lane.first!);
    lane.removeFirst();
    this.#size--;
    if (lane.size === 0) this.#lanes.delete(lane.group);
    else if (lane.creditBytes <= 0) this.#moveToEnd(lane);
  }

  #moveToEnd(lane: MessageLane): void {
    this.#lanes.delete(lane.group);
    this.#lanes.set(lane.group, lane);
  }

  /** Of the group that has most. @returns false when there is none that may be dropped: a frame that has begun is finished. */
  #dropOldest(): boolean {
    const begun = this.#begun?.lane;
    let longest: MessageLane | undefined;
    for (const lane of this.#lanes.values()) {
      const isDroppable = lane.size > (lane === begun ? 1 : 0);
      if (isDroppable && (longest === undefined || lane.bytes > longest.bytes)) longest = lane;
    }
    if (longest === undefined) return false;
    const oldest = longest === begun ? longest.removeSecond()! : longest.first!;
    if (longest !== begun) longest.removeFirst();
    this.#onRemoved(oldest);
    this.#dropped++;
    if (longest.size === 0) this.#lanes.delete(longest.group);
    return true;
  }

  #onRemoved(message: QueuedMessage): void {
    this.#size--;
    this.#bytes -= frameBytes(message);
  }
}
