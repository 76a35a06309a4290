import type { NodeId } from '@menglian/types/address';
import {
  BLAME_MS,
  BLAME_MS_MAX,
  BLOCKS_PER_REQUEST_MAX,
  CONSENSUS_GRACE_MS,
  DOWNLOADED_BYTES_MAX,
  PEERS_MAX,
  REQUESTS_MAX,
  REQUEST_TIMEOUT_MS,
  STATUS_INTERVAL_BUSY_MS,
  STATUS_INTERVAL_MS,
  WINDOW_BLOCKS,
} from './limits.js';

/** What happens to block sync. */
export type BlockSyncInput =
  | { readonly kind: 'tick'; readonly nowMs: number }
  | { readonly kind: 'status'; readonly from: NodeId; readonly number: number }
  | { readonly kind: 'peerDown'; readonly peer: NodeId }
  | { readonly kind: 'blocks'; readonly from: NodeId; readonly first: number; readonly blocks: readonly Uint8Array[] }
  /** A block of this number is stored, through consensus or through sync. */
  | { readonly kind: 'stored'; readonly number: number }
  /** The block handed out with `apply` is wrong: its sender lied or is broken. */
  | { readonly kind: 'rejected'; readonly number: number; readonly from: NodeId }
  /** The block handed out with `apply` could not be judged now, because consensus is storing one; try again. */
  | { readonly kind: 'postponed'; readonly number: number };

/** What block sync asks of its host. */
export type BlockSyncEffect =
  /** Ask this peer for `count` blocks from `first` on. Answered by `blocks`, or never. */
  | { readonly kind: 'request'; readonly to: NodeId; readonly first: number; readonly count: number }
  /** Check this block against the head, execute and store it. Answered by `stored`, `rejected` or `postponed`. */
  | { readonly kind: 'apply'; readonly number: number; readonly block: Uint8Array; readonly from: NodeId }
  /** Tell all peers of the group the own height. */
  | { readonly kind: 'announce' };

interface Peer {
  number: number;
  blamedUntilMs: number;
  blameMs: number;
}

interface Request {
  readonly to: NodeId;
  readonly first: number;
  readonly count: number;
  readonly deadlineMs: number;
}

interface Download {
  readonly block: Uint8Array;
  readonly from: NodeId;
}

/**
 * Fetches the blocks that peers have and this node lacks: several peers at once, in ranges, applied in order. A pure
 * state machine: time and answers come in as inputs, work leaves as effects (docs/sync.md). It never believes a
 * height: a peer that claims more than it can show costs one request time and is then asked after all others.
 */
export class BlockSync {
  readonly #peers = new Map<NodeId, Peer>();
  readonly #requests: Request[] = [];
  readonly #downloads = new Map<number, Download>();
  #downloadedBytes = 0;
  #head: number;
  #nowMs = 0;
  #applying: number | undefined;
  #behindSinceMs: number | undefined;
  #announcedHead = -1;
  #announcedAtMs = Number.NEGATIVE_INFINITY;

  constructor(head: number) {
    this.#head = head;
  }

  /** The highest block any connected peer claims, the own head included. */
  get knownHighest(): number {
    let highest = this.#head;
    for (const peer of this.#peers.values()) highest = Math.max(highest, peer.number);
    return highest;
  }

  /** Heights that peers told last. */
  peerHeights(): ReadonlyMap<NodeId, number> {
    return new Map([...this.#peers].map(([nodeId, peer]) => [nodeId, peer.number]));
  }

  get isSyncing(): boolean {
    return this.#requests.length > 0 || this.#downloads.size > 0;
  }

  step(input: BlockSyncInput): BlockSyncEffect[] {
    switch (input.kind) {
      case 'tick':
        this.#nowMs = input.nowMs;
        break;
      case 'status':
        this.#onStatus(input.from, input.number);
        break;
      case 'peerDown':
        this.#peers.delete(input.peer);
        this.#dropRequests((request) => request.to === input.peer);
        break;
      case 'blocks':
        this.#onBlocks(input.from, input.first, input.blocks);
        break;
      case 'stored':
        this.#onStored(input.number);
        break;
      case 'rejected':
        this.#onRejected(input.number, input.from);
        break;
      case 'postponed':
        this.#applying = undefined;
        return [];
    }
    return [...this.#apply(), ...this.#request(), ...this.#announce()];
  }

  #onStatus(from: NodeId, number: number): void {
    const peer = this.#peers.get(from);
    if (peer !== undefined) peer.number = number;
    else if (this.#peers.size < PEERS_MAX) this.#peers.set(from, { number, blamedUntilMs: 0, blameMs: BLAME_MS });
  }

  #onBlocks(from: NodeId, first: number, blocks: readonly Uint8Array[]): void {
    const index = this.#requests.findIndex((request) => request.to === from && request.first === first);
    if (index < 0) return;
    const { count } = this.#requests[index]!;
    this.#requests.splice(index, 1);
    if (blocks.length === 0) this.#blame(from);
    for (const [offset, block] of blocks.slice(0, count).entries()) {
      const number = first + offset;
      if (number <= this.#head || this.#downloads.has(number)) continue;
      this.#downloads.set(number, { block, from });
      this.#downloadedBytes += block.length;
    }
  }

  #onStored(number: number): void {
    this.#head = Math.max(this.#head, number);
    if (this.#applying !== undefined && this.#applying <= this.#head) this.#applying = undefined;
    this.#behindSinceMs = undefined;
    for (const downloaded of this.#downloads.keys()) if (downloaded <= this.#head) this.#forget(downloaded);
    this.#dropRequests((request) => request.first + request.count - 1 <= this.#head);
  }

  #onRejected(number: number, from: NodeId): void {
    this.#applying = undefined;
    this.#forget(number);
    for (const [other, download] of this.#downloads) if (download.from === from) this.#forget(other);
    this.#dropRequests((request) => request.to === from);
    this.#blame(from);
  }

  /** Hands out the block after the head, one at a time: the next depends on the state this one leaves. */
  #apply(): BlockSyncEffect[] {
    const number = this.#head + 1;
    const download = this.#downloads.get(number);
    if (download === undefined || this.#applying !== undefined) return [];
    this.#applying = number;
    return [{ kind: 'apply', number, block: download.block, from: download.from }];
  }

  #request(): BlockSyncEffect[] {
    for (const late of this.#requests.filter(({ deadlineMs }) => deadlineMs <= this.#nowMs)) this.#blame(late.to);
    this.#dropRequests(({ deadlineMs }) => deadlineMs <= this.#nowMs);
    if (!this.#isBehind()) return [];
    const effects: BlockSyncEffect[] = [];
    while (this.#requests.length < REQUESTS_MAX && this.#downloadedBytes < DOWNLOADED_BYTES_MAX) {
      const range = this.#firstGap();
      const to = range && this.#choosePeer(range.first);
      if (range === undefined || to === undefined) break;
      const count = Math.min(range.count, this.#peers.get(to)!.number - range.first + 1);
      this.#requests.push({ to, first: range.first, count, deadlineMs: this.#nowMs + REQUEST_TIMEOUT_MS });
      effects.push({ kind: 'request', to, first: range.first, count });
    }
    return effects;
  }

  /** One block missing is usually being stored by consensus at this moment; wait a little before asking for it. */
  #isBehind(): boolean {
    const missing = this.knownHighest - this.#head;
    if (missing <= 0) {
      this.#behindSinceMs = undefined;
      return false;
    }
    this.#behindSinceMs ??= this.#nowMs;
    return missing > 1 || this.#nowMs - this.#behindSinceMs >= CONSENSUS_GRACE_MS;
  }

  /** The lowest range of blocks inside the window that is neither here nor asked for. */
  #firstGap(): { first: number; count: number } | undefined {
    const end = Math.min(this.knownHighest, this.#head + WINDOW_BLOCKS);
    const isCovered = (number: number) =>
      this.#downloads.has(number) ||
      this.#requests.some(({ first, count }) => number >= first && number < first + count);
    let first = this.#head + 1;
    while (first <= end && isCovered(first)) first++;
    if (first > end) return undefined;
    let count = 1;
    while (count < BLOCKS_PER_REQUEST_MAX && first + count <= end && !isCovered(first + count)) count++;
    return { first, count };
  }

  /** Among peers that claim the block: not blamed before blamed, then fewest requests under way, then by node id. */
  #choosePeer(number: number): NodeId | undefined {
    let best: { nodeId: NodeId; blamed: number; load: number } | undefined;
    for (const [nodeId, peer] of this.#peers) {
      if (peer.number < number || peer.blamedUntilMs > this.#nowMs) continue;
      const blamed = peer.blameMs;
      const load = this.#requests.filter((request) => request.to === nodeId).length;
      const isBetter =
        best === undefined ||
        blamed < best.blamed ||
        (blamed === best.blamed && (load < best.load || (load === best.load && nodeId < best.nodeId)));
      if (isBetter) best = { nodeId, blamed, load };
    }
    return best?.nodeId;
  }

  #blame(nodeId: NodeId): void {
    const peer = this.#peers.get(nodeId);
    if (peer === undefined) return;
    peer.blamedUntilMs = this.#nowMs + peer.blameMs;
    peer.blameMs = Math.min(peer.blameMs * 2, BLAME_MS_MAX);
  }

  #dropRequests(isDropped: (request: Request) => boolean): void {
    for (let i = this.#requests.length - 1; i >= 0; i--) if (isDropped(this.#requests[i]!)) this.#requests.splice(i, 1);
  }

  #forget(number: number): void {
    const download = this.#downloads.get(number);
    if (download === undefined) return;
    this.#downloads.delete(number);
    this.#downloadedBytes -= download.block.length;
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
