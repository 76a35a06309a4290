import type { NodeId } from '@menglian/types/address';
import { BlockRequests } from './blockRequests.js';
import { Downloads } from './downloads.js';
import {
  BLOCKS_PER_REQUEST_MAX,
  BLOCKS_PER_REQUEST_MIN,
  CONSENSUS_GRACE_MS,
  DOWNLOADED_BYTES_MAX,
  LAST_RESORT_MS,
  REQUESTS_MAX,
  REQUESTS_PER_PEER_MAX,
  REQUEST_TIMEOUT_MS,
  SECOND_REQUEST_AFTER_MS,
  STATUS_INTERVAL_BUSY_MS,
  STATUS_INTERVAL_MS,
  WINDOW_BLOCKS,
} from './limits.js';
import { PeerBook } from './peerBook.js';

/** What a look at a block tells before it is its turn: a forged one is refused before anything is executed. */
export type Verdict =
  /** A quorum of sealers that this node knows signed it, and its body is the one that its header names. */
  | 'certified'
  /** Well-formed, and signed by sealers of which this node cannot tell yet whether they are the chain's. */
  | 'unknown'
  /** Not what the number says, or not signed, or with another body than the header's. */
  | 'forged';

/** What happens to block sync. */
export type BlockSyncInput =
  | { readonly kind: 'tick'; readonly nowMs: number }
  /** A peer tells its last block, and the first above genesis that it has. */
  | { readonly kind: 'status'; readonly from: NodeId; readonly number: number; readonly lowest: number }
  /** Consensus heard that a peer has this block; it may have more by now. */
  | { readonly kind: 'hint'; readonly from: NodeId; readonly number: number }
  | { readonly kind: 'peerDown'; readonly peer: NodeId }
  | { readonly kind: 'blocks'; readonly from: NodeId; readonly first: number; readonly blocks: readonly Uint8Array[] }
  /** Answer to `check`. */
  | { readonly kind: 'checked'; readonly number: number; readonly from: NodeId; readonly verdict: Verdict }
  /** A block of this number is stored, through consensus or through sync. */
  | { readonly kind: 'stored'; readonly number: number }
  /** The block handed out with `apply` is wrong: its sender lied or is broken. */
  | { readonly kind: 'rejected'; readonly number: number; readonly from: NodeId }
  /** Whether consensus brings new blocks to this node; it does until told otherwise. */
  | { readonly kind: 'role'; readonly isServed: boolean }
  /** A snapshot is being fetched instead: nothing is asked for or handed out meanwhile. */
  | { readonly kind: 'hold'; readonly isHeld: boolean };

/** What block sync asks of its host. */
export type BlockSyncEffect =
  /** Ask this peer for `count` blocks from `first` on. Answered by `blocks`, or never. */
  | { readonly kind: 'request'; readonly to: NodeId; readonly first: number; readonly count: number }
  /** Look at this block without executing it. Answered by `checked`. */
  | { readonly kind: 'check'; readonly number: number; readonly block: Uint8Array; readonly from: NodeId }
  /** Check this block against the head, execute and store it. Answered by `stored` or `rejected`. */
  | { readonly kind: 'apply'; readonly number: number; readonly block: Uint8Array; readonly from: NodeId }
  /** Tell all peers of the group the own height. */
  | { readonly kind: 'announce' };

/**
 * Fetches the blocks that peers have and this node lacks: several peers at once, in ranges, applied in order. A pure
 * state machine: time and answers come in as inputs, work leaves as effects (docs/sync.md). It never believes a
 * height: a peer that claims more than it can show costs one request time and is then asked after all others.
 */
export class BlockSync {
  readonly #peers = new PeerBook();
  readonly #requests = new BlockRequests();
  readonly #downloads = new Downloads();
  #head: number;
  #nowMs: number;
  #isHeld = false;
  #isServed = true;
  #checking: number | undefined;
  #applying: number | undefined;
  #behindSinceMs: number | undefined;
  #lastResortAtMs = Number.NEGATIVE_INFINITY;
  #announcedHead = -1;
  #announcedAtMs = Number.NEGATIVE_INFINITY;

  constructor(head: number, nowMs: number) {
    this.#head = head;
    this.#nowMs = nowMs;
  }

  /** The highest block that peers claim which gave no reason to doubt them, the own head included. */
  get knownHighest(): number {
    return Math.max(this.#head, this.#peers.highestClaim());
  }

  get isSyncing(): boolean {
    return this.#requests.size > 0 || this.#downloads.size > 0;
  }

  /** What it keeps at this moment, for those who watch over bounds. */
  get load(): { readonly requests: number; readonly blocks: number; readonly bytes: number; readonly peers: number } {
    const { size: blocks, bytes } = this.#downloads;
    return { requests: this.#requests.size, blocks, bytes, peers: this.#peers.size };
  }

  step(input: BlockSyncInput): BlockSyncEffect[] {
    this.#take(input);
    return [...this.#check(), ...this.#apply(), ...this.#request(), ...this.#announce()];
  }

  #take(input: BlockSyncInput): void {
    switch (input.kind) {
      case 'tick':
        this.#nowMs = input.nowMs;
        break;
      case 'status':
        this.#onStatus(input.from, input.number, input.lowest);
        break;
      case 'hint':
        this.#peers.hint(input.from, input.number);
        break;
      case 'peerDown':
        this.#peers.down(input.peer);
        this.#requests.drop((request) => request.to === input.peer);
        break;
      case 'blocks':
        this.#onBlocks(input.from, input.first, input.blocks);
        break;
      case 'checked':
        this.#onChecked(input.number, input.from, input.verdict);
        break;
      case 'stored':
        this.#onStored(input.number);
        break;
      case 'rejected':
        this.#onRejected(input.number, input.from);
        break;
      case 'role':
        this.#isServed = input.isServed;
        break;
      case 'hold':
        this.#isHeld = input.isHeld;
        break;
    }
  }

  /** Who takes back a height will not answer for it: what it was asked for above is asked of others at once. */
  #onStatus(from: NodeId, number: number, lowest: number): void {
    if (!this.#peers.claim(from, { number, lowest })) return;
    this.#peers.blame(from, this.#nowMs);
    this.#requests.drop((request) => request.to === from && request.first + request.count - 1 > number);
  }

  #onBlocks(from: NodeId, first: number, blocks: readonly Uint8Array[]): void {
    const request = this.#requests.take(from, first);
    if (request === undefined) return;
    if (blocks.length === 0 || blocks.length > request.count) {
      this.#peers.blame(from, this.#nowMs);
      return;
    }
    for (const [offset, block] of blocks.entries()) {
      const number = first + offset;
      if (number > this.#head && !this.#downloads.has(number)) this.#downloads.add(number, block, from);
    }
  }

  #onChecked(number: number, from: NodeId, verdict: Verdict): void {
    if (this.#checking !== number) return;
    this.#checking = undefined;
    const download = this.#downloads.get(number);
    if (download === undefined || download.from !== from || download.state !== 'unchecked') return;
    if (verdict === 'forged') {
      this.#discredit(from);
    } else {
      download.state = verdict;
      if (verdict === 'certified') this.#peers.onGood(from, this.#nowMs);
    }
  }

  #onStored(number: number): void {
    const download = this.#downloads.get(number);
    if (download !== undefined) this.#peers.onGood(download.from, this.#nowMs);
    this.#head = Math.max(this.#head, number);
    if (this.#applying !== undefined && this.#applying <= this.#head) this.#applying = undefined;
    this.#behindSinceMs = undefined;
    this.#downloads.forgetUpTo(this.#head);
    this.#requests.drop((request) => request.first + request.count - 1 <= this.#head);
  }

  #onRejected(number: number, from: NodeId): void {
    this.#applying = undefined;
    this.#downloads.forget(number);
    this.#discredit(from);
  }

  /** What others proved stays, whoever sent it. */
  #discredit(from: NodeId): void {
    this.#downloads.forgetUnprovenOf(from);
    this.#requests.drop((request) => request.to === from);
    this.#peers.blame(from, this.#nowMs);
  }

  /** One after another, the lowest first: the first forged one tells enough of its sender. */
  #check(): BlockSyncEffect[] {
    if (this.#checking !== undefined) return [];
    const next = this.#downloads.lowestUnchecked();
    if (next === undefined) return [];
    this.#checking = next.number;
    return [{ kind: 'check', ...next }];
  }

  /** Hands out the block after the head, one at a time: the next depends on the state this one leaves. */
  #apply(): BlockSyncEffect[] {
    const number = this.#head + 1;
    const download = this.#downloads.get(number);
    if (download === undefined || download.state === 'unchecked') return [];
    if (this.#applying !== undefined || this.#isHeld) return [];
    this.#applying = number;
    return [{ kind: 'apply', number, block: download.block, from: download.from }];
  }

  #request(): BlockSyncEffect[] {
    const lateBeforeMs = this.#nowMs - REQUEST_TIMEOUT_MS;
    const late = this.#requests.drop(({ askedAtMs }) => askedAtMs <= lateBeforeMs);
    for (const to of new Set(late.map((request) => request.to))) this.#peers.onLate(to, this.#nowMs);
    if (this.#isHeld || !this.#isBehind()) return [];
    const effects = this.#askTwice();
    while (this.#requests.size < REQUESTS_MAX) {
      const range = this.#firstGap();
      if (range === undefined) break;
      if (range.first > this.#head + 1 && this.#downloads.bytes >= DOWNLOADED_BYTES_MAX) break;
      const to = this.#choosePeer(range.first) ?? this.#lastResort(range.first);
      if (to === undefined) break;
      effects.push(this.#ask(to, range.first, range.count));
    }
    return effects;
  }

  #ask(to: NodeId, first: number, count: number): BlockSyncEffect {
    const askedCount = Math.min(count, this.#peers.claimOf(to)!.number - first + 1);
    this.#requests.add({ to, first, count: askedCount, askedAtMs: this.#nowMs });
    this.#peers.onAsked(to, this.#nowMs);
    return { kind: 'request', to, first, count: askedCount };
  }

  /** One slow peer must not hold up what the others have brought: the block after the head is asked of a second one. */
  #askTwice(): BlockSyncEffect[] {
    const number = this.#head + 1;
    if (this.#downloads.has(number)) return [];
    const [request, ...more] = this.#requests.covering(number);
    if (request === undefined || more.length > 0) return [];
    if (this.#nowMs - request.askedAtMs < SECOND_REQUEST_AFTER_MS || this.#requests.size >= REQUESTS_MAX) return [];
    const to = this.#choosePeer(number, request.to);
    return to === undefined ? [] : [this.#ask(to, number, request.first + request.count - number)];
  }

  /** One block missing is usually being stored by consensus at this moment; wait a little before asking for it. */
  #isBehind(): boolean {
    const missing = this.#highestClaimed() - this.#head;
    if (missing <= 0) {
      this.#behindSinceMs = undefined;
      return false;
    }
    this.#behindSinceMs ??= this.#nowMs;
    return missing > 1 || !this.#isServed || this.#nowMs - this.#behindSinceMs >= CONSENSUS_GRACE_MS;
  }

  #highestClaimed(): number {
    let highest = this.#head;
    for (const [, { number }] of this.#peers.claims()) highest = Math.max(highest, number);
    return highest;
  }

  /** The lowest range of blocks inside the window that is neither here nor asked for. */
  #firstGap(): { first: number; count: number } | undefined {
    const end = this.#head + WINDOW_BLOCKS;
    const isCovered = (number: number) => this.#downloads.has(number) || this.#requests.covers(number);
    let first = this.#head + 1;
    while (first <= end && isCovered(first)) first++;
    if (first > end) return undefined;
    const most = this.#rangeSize(first);
    let count = 1;
    while (count < most && first + count <= end && !isCovered(first + count)) count++;
    // The window moves with each block that is stored: its last few wait until they are worth a request.
    const isCutByWindow = first + count > end && count < BLOCKS_PER_REQUEST_MIN;
    return isCutByWindow && this.#highestClaimed() > end ? undefined : { first, count };
  }

  /** The more peers have the block, the shorter the ranges, so that each carries a part. */
  #rangeSize(number: number): number {
    let holders = 0;
    for (const [nodeId, claim] of this.#peers.claims()) {
      if (holds(claim, number) && !this.#peers.isLeftAlone(nodeId, this.#nowMs)) holders++;
    }
    return Math.max(BLOCKS_PER_REQUEST_MIN, Math.floor(BLOCKS_PER_REQUEST_MAX / Math.max(holders, 1)));
  }

  /** Among peers that claim the block and are not left alone: fewest faults, fewest requests under way, by node id. */
  #choosePeer(number: number, except?: NodeId): NodeId | undefined {
    let best: { nodeId: NodeId; faults: number; load: number } | undefined;
    for (const [nodeId, claim] of this.#peers.claims()) {
      if (nodeId === except || !holds(claim, number) || this.#peers.isLeftAlone(nodeId, this.#nowMs)) continue;
      const faults = this.#peers.faultsOf(nodeId);
      const load = this.#requests.countOf(nodeId);
      if (load >= REQUESTS_PER_PEER_MAX) continue;
      const isBetter =
        best === undefined ||
        faults < best.faults ||
        (faults === best.faults && (load < best.load || (load === best.load && nodeId < best.nodeId)));
      if (isBetter) best = { nodeId, faults, load };
    }
    return best?.nodeId;
  }

  /**
   * When all who claim the block after the head are being left alone, one of them is asked all the same: the one not
   * asked for longest. After a partition an honest one is among them, and catching up must not wait out its penalty.
   */
  #lastResort(number: number): NodeId | undefined {
    if (number !== this.#head + 1 || this.#nowMs - this.#lastResortAtMs < LAST_RESORT_MS) return undefined;
    let best: NodeId | undefined;
    for (const [nodeId, claim] of this.#peers.claims()) {
      if (!holds(claim, number) || this.#requests.countOf(nodeId) > 0) continue;
      if (!this.#peers.isLeftAlone(nodeId, this.#nowMs)) continue;
      if (best === undefined || this.#peers.askedAtMs(nodeId) < this.#peers.askedAtMs(best)) best = nodeId;
    }
    if (best !== undefined) this.#lastResortAtMs = this.#nowMs;
    return best;
  }

  #announce(): BlockSyncEffect[] {
    const sinceMs = this.#nowMs - this.#announcedAtMs;
    const isDue =
      sinceMs >= STATUS_INTERVAL_MS || (this.#announcedHead !== this.#head && sinceMs >= STATUS_INTERVAL_BUSY_MS);
    if (!isDue) return [];
    this.#announcedHead = this.#head;
    this.#announcedAtMs = this.#nowMs;
    return [{ kind: 'announce' }];
  }
}

function holds(claim: { readonly number: number; readonly lowest: number }, number: number): boolean {
  return claim.lowest <= number && number <= claim.number;
}
