/** What a leader knows of one follower, and how much it may send it. */
import { invariant } from '@menglian/base/invariant';

/**
 * `probe`: one message, then wait for the answer or the next heartbeat; the follower's log is being searched.
 * `replicate`: optimistic; many messages in flight within bounds.
 * `snapshot`: the follower needs what the log no longer has; nothing is sent until it has caught up by other means.
 */
export type ProgressMode = 'probe' | 'replicate' | 'snapshot';

export interface FlowLimits {
  readonly maxInflightMessages: number;
  readonly maxInflightBytes: number;
}

interface Inflight {
  readonly lastIndex: number;
  readonly bytes: number;
}

export class Progress {
  mode: ProgressMode = 'probe';
  /** Known to be stored there. */
  match = 0;
  /** Sent next. */
  next: number;
  /** Index of the snapshot that is waited for in `snapshot`. */
  pendingSnapshot = 0;
  /** Heard from since the last check of the quorum. */
  isRecentlyActive = false;
  /** In `probe`: a message is out. In `replicate`: the window was full; the next heartbeat answer lets one through. */
  isPaused = false;
  readonly #limits: FlowLimits;
  #inflights: Inflight[] = [];
  #inflightBytes = 0;

  constructor(next: number, limits: FlowLimits) {
    this.next = next;
    this.#limits = limits;
  }

  get inflightMessages(): number {
    return this.#inflights.length;
  }

  get isWindowFull(): boolean {
    return (
      this.#inflights.length >= this.#limits.maxInflightMessages || this.#inflightBytes >= this.#limits.maxInflightBytes
    );
  }

  get maySend(): boolean {
    return this.mode !== 'snapshot' && !this.isPaused;
  }

  becomeProbe(): void {
    this.next = this.mode === 'snapshot' ? Math.max(this.match, this.pendingSnapshot) + 1 : this.match + 1;
    this.#reset('probe');
  }

  /** @param received what the follower has of our log, answered for or not */
  becomeReplicate(received: number): void {
    this.#reset('replicate');
    this.next = Math.max(this.match, received) + 1;
  }

  becomeSnapshot(index: number): void {
    this.#reset('snapshot');
    this.pendingSnapshot = index;
  }

  /** A message with entries up to `lastIndex` goes out; 0 entries of it are new when `count` is 0. */
  noteSent(lastIndex: number, count: number, bytes: number): void {
    if (this.mode === 'probe') {
      this.isPaused = true;
      return;
    }
    invariant(this.mode === 'replicate', 'raft/sent-to-paused');
    if (count > 0) {
      this.next = lastIndex + 1;
      this.#inflights.push({ lastIndex, bytes });
      this.#inflightBytes += bytes;
    }
    this.isPaused = this.isWindowFull;
  }

  /** The follower has stored up to `index`. @returns whether that is news */
  update(index: number): boolean {
    const isNews = index > this.match;
    if (isNews) {
      this.match = index;
      this.isPaused = false;
    }
    this.next = Math.max(this.next, index + 1);
    this.#freeUpTo(index);
    return isNews;
  }

  /**
   * The follower refused what followed `rejected`. @param hint where its log may at best agree with ours
   * @returns false for an answer to an older message
   */
  reject(rejected: number, hint: number): boolean {
    if (this.mode === 'snapshot') return false;
    if (this.mode === 'replicate') {
      if (rejected <= this.match) return false;
      this.next = this.match + 1;
      return true;
    }
    if (this.next - 1 !== rejected) return false;
    this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
    this.isPaused = false;
    return true;
  }

  #freeUpTo(index: number): void {
    while (this.#inflights.length > 0 && this.#inflights[0]!.lastIndex <= index) {
      this.#inflightBytes -= this.#inflights.shift()!.bytes;
    }
  }

  #reset(mode: ProgressMode): void {
    this.mode = mode;
    this.isPaused = false;
    this.pendingSnapshot = 0;
    this.#inflights = [];
    this.#inflightBytes = 0;
  }
}
