import { equalBytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Ledger } from '@menglian/ledger/ledger';
import { BlockSync, type BlockSyncEffect, type BlockSyncInput } from '@menglian/sync/blockSync';
import { BLOCK_RESPONSE_BYTES_MAX, SERVED_PER_TICK } from '@menglian/sync/limits';
import { decodeSyncMessage, encodeSyncMessage, type SyncMessage } from '@menglian/sync/messages';
import { ServeQueue } from '@menglian/sync/serveQueue';
import type { SealerRules } from '@menglian/sync/trustPath';
import type { NodeId } from '@menglian/types/address';
import { encodeBlock } from '@menglian/types/block';
import type { Clock } from './clock.js';
import { inspectBlock } from './foreignBlock.js';
import type { SnapshotRequest, SnapshotService } from './snapshotService.js';

/** A peer that has something to hear is told our height at once, but not again within this time. */
export const STATUS_ANSWER_INTERVAL_MS = 1000;

interface PeerStatus {
  readonly number: number;
  readonly hash: Uint8Array;
}

type BlockRequest = Extract<SyncMessage, { kind: 'blockRequest' }>;

export interface BlockServiceOptions {
  readonly suite: CryptoSuite;
  readonly rules: SealerRules;
}

export interface BlockServiceComponents {
  readonly ledger: Ledger;
  readonly snapshots: SnapshotService;
  readonly clock: Clock;
  readonly send: (to: readonly NodeId[], payload: Uint8Array) => void;
  /** connected nodes of the group */
  readonly peers: () => readonly NodeId[];
  /** checks, executes and stores a block; never rejects */
  readonly apply: (number: number, block: Uint8Array, from: NodeId) => Promise<'stored' | 'rejected'>;
  readonly fail: (error: unknown) => void;
}

/** The sync plane of a group: asks for blocks, serves blocks and snapshots, tells and hears heights. */
export class BlockService {
  readonly #options: BlockServiceOptions;
  readonly #components: BlockServiceComponents;
  readonly #sync: BlockSync;
  readonly #queue = new ServeQueue<BlockRequest | SnapshotRequest>();
  readonly #statuses = new Map<NodeId, PeerStatus>();
  readonly #answeredAtMs = new Map<NodeId, number>();
  #isHeld = false;
  #isStopped = false;

  constructor(options: BlockServiceOptions, components: BlockServiceComponents) {
    this.#options = options;
    this.#components = components;
    const { ledger, clock } = components;
    this.#sync = new BlockSync(ledger.head().number, clock.monotonicMs());
  }

  get isSyncing(): boolean {
    return this.#sync.isSyncing || this.#components.snapshots.isActive;
  }

  get knownHighest(): number {
    return this.#sync.knownHighest;
  }

  /** What each connected node of the group told last of its chain, which begins like ours. */
  statuses(): ReadonlyMap<NodeId, PeerStatus> {
    return this.#statuses;
  }

  start(): void {
    this.#components.snapshots.start();
    this.#hold();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#components.snapshots.stop();
  }

  tick(): void {
    const { snapshots, clock } = this.#components;
    snapshots.tick();
    this.#hold();
    this.#step({ kind: 'tick', nowMs: clock.monotonicMs() });
    for (let served = 0; served < SERVED_PER_TICK; served++) if (!this.#serveNext()) break;
  }

  onPeerUp(nodeId: NodeId): void {
    this.#components.send([nodeId], this.#ownStatus());
  }

  onPeerDown(nodeId: NodeId): void {
    this.#statuses.delete(nodeId);
    this.#answeredAtMs.delete(nodeId);
    this.#queue.drop(nodeId);
    this.#components.snapshots.onPeerDown(nodeId);
    this.#hold();
    this.#step({ kind: 'peerDown', peer: nodeId });
  }

  /** Consensus heard of a higher block. */
  onHint(from: NodeId, number: number): void {
    this.#step({ kind: 'hint', from, number });
  }

  /** Whether consensus brings new blocks to this node. */
  onRole(isServed: boolean): void {
    this.#step({ kind: 'role', isServed });
  }

  onStored(number: number): void {
    this.#components.snapshots.onStored();
    this.#hold();
    this.#step({ kind: 'stored', number });
  }

  onMessage(from: NodeId, payload: Uint8Array): void {
    const decoded = decodeSyncMessage(payload);
    if (!decoded.ok) return;
    const message = decoded.value;
    switch (message.kind) {
      case 'status':
        return this.#onStatus(from, message);
      case 'blockResponse':
        return this.#step({ ...message, kind: 'blocks', from });
      case 'blockRequest':
      case 'offerRequest':
      case 'headerRequest':
      case 'manifestRequest':
      case 'chunkRequest':
        if (this.#queue.offer(from, message, this.#components.clock.monotonicMs())) this.#serveNext();
        return;
      default:
        this.#components.snapshots.onMessage(from, message);
        this.#hold();
    }
  }

  #onStatus(from: NodeId, status: Extract<SyncMessage, { kind: 'status' }>): void {
    const { number, hash, genesisHash, lowest } = status;
    if (!equalBytes(genesisHash, this.#components.ledger.genesisHash)) return;
    this.#answerStatus(from, number);
    this.#statuses.set(from, { number, hash });
    // Before blocks are asked for: perhaps a snapshot is better.
    this.#components.snapshots.onStatus(from, status);
    this.#hold();
    this.#step({ kind: 'status', from, number, lowest });
  }

  /**
   * The group of a peer may have been started while the link was up: it knows nobody's height then, and on an idle chain
   * nobody would tell it before the next announcement.
   */
  #answerStatus(to: NodeId, number: number): void {
    const { ledger, clock, send } = this.#components;
    if (this.#statuses.has(to) && number >= ledger.head().number) return;
    const nowMs = clock.monotonicMs();
    const answeredAtMs = this.#answeredAtMs.get(to);
    if (answeredAtMs !== undefined && nowMs - answeredAtMs < STATUS_ANSWER_INTERVAL_MS) return;
    this.#answeredAtMs.set(to, nowMs);
    send([to], this.#ownStatus());
  }

  /** Blocks wait while a snapshot is fetched. */
  #hold(): void {
    const { isActive } = this.#components.snapshots;
    if (isActive === this.#isHeld) return;
    this.#isHeld = isActive;
    this.#step({ kind: 'hold', isHeld: isActive });
  }

  #step(input: BlockSyncInput): void {
    for (const effect of this.#sync.step(input)) this.#perform(effect);
  }

  #perform(effect: BlockSyncEffect): void {
    const { ledger, send, peers, apply } = this.#components;
    switch (effect.kind) {
      case 'request':
        send([effect.to], encodeSyncMessage({ ...effect, kind: 'blockRequest' }));
        break;
      case 'announce':
        send(peers(), this.#ownStatus());
        break;
      case 'check': {
        const { number, from, block } = effect;
        const { suite, rules } = this.#options;
        const verdict = inspectBlock(suite, rules, ledger.membership().sealers, number, block);
        this.#step({ kind: 'checked', number, from, verdict });
        break;
      }
      case 'apply':
        void apply(effect.number, effect.block, effect.from).then((outcome) => {
          if (outcome === 'stored') this.#step({ kind: 'stored', number: ledger.head().number });
          else this.#step({ kind: 'rejected', number: effect.number, from: effect.from });
        });
        break;
    }
  }

  /** @returns whether there was something that the budget allows */
  #serveNext(): boolean {
    const next = this.#queue.next(this.#components.clock.monotonicMs());
    if (next === undefined) return false;
    const { from, request } = next;
    if (request.kind === 'blockRequest') {
      this.#answer(from, { kind: 'blockResponse', first: request.first, blocks: this.#blocks(request) });
    } else {
      // Paid at once, so that nothing more is begun meanwhile than the budget allows.
      this.#queue.charge(from, 0);
      this.#components.snapshots
        .answer(request)
        .then((message) => this.#answer(from, message))
        .catch((error: unknown) => {
          // The store may be closed under what was being read.
          if (!this.#isStopped) this.#components.fail(error);
        });
    }
    return true;
  }

  #answer(to: NodeId, message: SyncMessage): void {
    const payload = encodeSyncMessage(message);
    this.#queue.charge(to, payload.length);
    this.#components.send([to], payload);
  }

  /** What there is of the range, without receipts: the receiver executes for itself. */
  #blocks({ first, count }: BlockRequest): Uint8Array[] {
    const { ledger } = this.#components;
    const blocks: Uint8Array[] = [];
    let bytes = 0;
    const end = Math.min(first + count - 1, ledger.head().number);
    for (let number = Math.max(first, 1); number <= end; number++) {
      const block = ledger.blockByNumber(number);
      if (block === undefined) break;
      const { header, hash, transactions, signatures } = block;
      const encoded = encodeBlock({ header, hash, transactions, signatures, receipts: [] });
      bytes += encoded.length;
      if (bytes > BLOCK_RESPONSE_BYTES_MAX && blocks.length > 0) break;
      blocks.push(encoded);
    }
    return blocks;
  }

  #ownStatus(): Uint8Array {
    const { ledger, snapshots } = this.#components;
    const { number, hash } = ledger.head();
    const { genesisHash, lowestBody: lowest } = ledger;
    return encodeSyncMessage({ kind: 'status', number, hash, genesisHash, lowest, snapshot: snapshots.latest });
  }
}
