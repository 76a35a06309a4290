import { equalBytes } from '@menglian/base/bytes';
import type { Ledger } from '@menglian/ledger/ledger';
import { BlockSync, type BlockSyncEffect } from '@menglian/sync/blockSync';
import { BLOCK_RESPONSE_BYTES_MAX } from '@menglian/sync/limits';
import { decodeSyncMessage, encodeSyncMessage } from '@menglian/sync/messages';
import type { NodeId } from '@menglian/types/address';
import { encodeBlock } from '@menglian/types/block';
import type { Clock } from './clock.js';

interface PeerStatus {
  readonly number: number;
  readonly hash: Uint8Array;
}

/** Lets block sync talk to peers and the ledger: asks for blocks, serves them, tells and hears heights. */
export class BlockService {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #send: (to: readonly NodeId[], payload: Uint8Array) => void;
  readonly #peers: () => readonly NodeId[];
  readonly #apply: (number: number, block: Uint8Array, from: NodeId) => Promise<'stored' | 'rejected'>;
  readonly #sync: BlockSync;
  readonly #statuses = new Map<NodeId, PeerStatus>();

  constructor(components: {
    readonly ledger: Ledger;
    readonly clock: Clock;
    readonly send: (to: readonly NodeId[], payload: Uint8Array) => void;
    /** connected nodes of the group */
    readonly peers: () => readonly NodeId[];
    /** checks, executes and stores a block; never rejects */
    readonly apply: (number: number, block: Uint8Array, from: NodeId) => Promise<'stored' | 'rejected'>;
  }) {
    this.#ledger = components.ledger;
    this.#clock = components.clock;
    this.#send = components.send;
    this.#peers = components.peers;
    this.#apply = components.apply;
    this.#sync = new BlockSync(this.#ledger.head().number, this.#clock.monotonicMs());
  }

  get isSyncing(): boolean {
    return this.#sync.isSyncing;
  }

  get knownHighest(): number {
    return this.#sync.knownHighest;
  }

  /** What each connected node of the group told last of its chain, which begins like ours. */
  statuses(): ReadonlyMap<NodeId, PeerStatus> {
    return this.#statuses;
  }

  tick(): void {
    this.#run(this.#sync.step({ kind: 'tick', nowMs: this.#clock.monotonicMs() }));
  }

  onPeerUp(nodeId: NodeId): void {
    this.#send([nodeId], this.#ownStatus());
  }

  onPeerDown(nodeId: NodeId): void {
    this.#statuses.delete(nodeId);
    this.#run(this.#sync.step({ kind: 'peerDown', peer: nodeId }));
  }

  /** Consensus heard of a higher block. */
  onHint(from: NodeId, number: number): void {
    this.#run(this.#sync.step({ kind: 'hint', from, number }));
  }

  onStored(number: number): void {
    this.#run(this.#sync.step({ kind: 'stored', number }));
  }

  onMessage(from: NodeId, payload: Uint8Array): void {
    const message = decodeSyncMessage(payload);
    if (!message.ok) return;
    switch (message.value.kind) {
      case 'status': {
        const { number, hash, genesisHash, lowest } = message.value;
        if (!equalBytes(genesisHash, this.#ledger.genesisHash)) return;
        this.#statuses.set(from, { number, hash });
        this.#run(this.#sync.step({ kind: 'status', from, number, lowest }));
        break;
      }
      case 'blockRequest':
        this.#serve(from, message.value.first, message.value.count);
        break;
      case 'blockResponse':
        this.#run(this.#sync.step({ ...message.value, kind: 'blocks', from }));
        break;
    }
  }

  #run(effects: readonly BlockSyncEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'request':
          this.#send([effect.to], encodeSyncMessage({ ...effect, kind: 'blockRequest' }));
          break;
        case 'announce':
          this.#send(this.#peers(), this.#ownStatus());
          break;
        case 'check': {
          const { number, from } = effect;
          this.#run(this.#sync.step({ kind: 'checked', number, from, verdict: 'unknown' }));
          break;
        }
        case 'apply':
          void this.#apply(effect.number, effect.block, effect.from).then((outcome) => {
            if (outcome === 'stored') this.onStored(this.#ledger.head().number);
            else this.#run(this.#sync.step({ kind: 'rejected', number: effect.number, from: effect.from }));
          });
          break;
      }
    }
  }

  /** Sends what there is of the range, without receipts: the receiver executes for itself. */
  #serve(to: NodeId, first: number, count: number): void {
    const blocks: Uint8Array[] = [];
    let bytes = 0;
    const end = Math.min(first + count - 1, this.#ledger.head().number);
    for (let number = first; number <= end; number++) {
      const block = this.#ledger.blockByNumber(number);
      if (block === undefined) break;
      const { header, hash, transactions, signatures } = block;
      const encoded = encodeBlock({ header, hash, transactions, signatures, receipts: [] });
      bytes += encoded.length;
      if (bytes > BLOCK_RESPONSE_BYTES_MAX && blocks.length > 0) break;
      blocks.push(encoded);
    }
    this.#send([to], encodeSyncMessage({ kind: 'blockResponse', first, blocks }));
  }

  #ownStatus(): Uint8Array {
    const { number, hash } = this.#ledger.head();
    return encodeSyncMessage({
      kind: 'status',
      number,
      hash,
      genesisHash: this.#ledger.genesisHash,
      lowest: 1,
      snapshot: 0,
    });
  }
}
