/**
 * The port every consensus engine implements. An engine is a deterministic state machine: it owns no clock, socket,
 * disk, randomness or promise. A host feeds it inputs and carries out the effects it returns, in the order given.
 *
 * Duties of the host:
 * 1. `step` is called with one input at a time; effects of an earlier step are begun before those of a later one.
 * 2. A `persist` effect must be durable before any later effect (of this or any later step) is begun. Everything else
 *    may run concurrently; answers come back as inputs, in any order, or never.
 * 3. Time comes in by `tick` alone. Tick at every `wakeAt`, and before other inputs when the last tick is older than
 *    some tens of milliseconds: the engine reads "now" from the last tick.
 * 4. The head given at creation and by `stored` is what the ledger durably holds.
 */
import type { Result } from '@menglian/base/result';
import type { NodeId } from '@menglian/types/address';
import type { BlockSignature } from '@menglian/types/block';

export interface ConsensusEngine {
  /** Advances the replica by one input. Never throws on what others sent; throws InvariantError on a broken rule. */
  step(input: Input): Effect[];
  status(): ConsensusStatus;
}

/** Synchronous and deterministic cryptography of the group's suite, bound to this node's key. */
export interface ConsensusCrypto {
  /** @returns 32 bytes */
  hash(data: Uint8Array): Uint8Array;
  /** Signs 32 bytes with this node's key. The same digest gives the same signature. */
  sign(digest: Uint8Array): Uint8Array;
  /** False for anything malformed. */
  verify(nodeId: NodeId, digest: Uint8Array, signature: Uint8Array): boolean;
}

/** A stored block as the order of blocks sees it. */
export interface OrderPoint {
  /** Digest of the block's proposal; of block 0, its hash. The proposal of the next height names it as its parent. */
  readonly digest: Uint8Array;
  /**
   * The epoch of the NEXT height: number of the last block, this one included, that changed its sealers or settings. What
   * was ordered above that block in an older epoch is void (docs/consensus.md, "Epochs").
   */
  readonly epoch: number;
}

/** Immutable facts of the stored chain, up to the head last told to the engine; synchronous reads of the ledger. */
export interface ChainReader {
  /** Hash of the stored block of that number; undefined above the head. */
  hashAt(height: number): Uint8Array | undefined;
  /** Order point of the stored block of that number; undefined above the head, and below a snapshot. */
  orderAt(height: number): OrderPoint | undefined;
}

/** What the chain's own configuration says, effective for the height that follows the head. */
export interface ChainSettings {
  /** Most transactions in one block (`tx_count_limit`). */
  readonly maxTransactions: number;
  /** Base of the view-change timer (`consensus_timeout`), milliseconds. */
  readonly consensusTimeoutMs: number;
}

/** The stored head and what holds for the next height. */
export interface ChainHead {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly timestampMs: number;
  readonly order: OrderPoint;
  /** Sealers of height + 1, sorted ascending by node id. */
  readonly sealers: readonly NodeId[];
  /** Nodes of the group that follow and do not vote on height + 1. */
  readonly observers: readonly NodeId[];
  readonly settings: ChainSettings;
}

/**
 * An ordered batch before execution: the header fields its proposer fixes and the transactions by hash. It names its
 * parent by order, not by executed hash, so that heights can be ordered while those below them execute. Its content
 * never changes when a later view proposes it again, so neither do its digest nor the executed header.
 */
export interface Proposal {
  readonly height: number;
  /** Digest of the proposal of the height below; of block 0, its hash. */
  readonly parentDigest: Uint8Array;
  /** Epoch in which this height is ordered; see `OrderPoint`. */
  readonly epoch: number;
  readonly timestampMs: number;
  /** Index in `sealers` of the node that FIRST proposed this content: the header's `sealer`. */
  readonly sealer: number;
  /** The header's `sealerList`. */
  readonly sealers: readonly NodeId[];
  /** 32 bytes each, in block order, without repetition, at least one. */
  readonly transactionHashes: readonly Uint8Array[];
}

/** One record of the engine's own store: `value` undefined deletes the key. */
export interface ConsensusRecord {
  /** Printable ASCII, at most 64 characters. */
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

/** Everything that can happen to a replica. */
export type Input =
  /** Monotonic milliseconds; never goes back (an earlier value is read as the latest one). */
  | { readonly kind: 'tick'; readonly nowMs: number }
  /** Bytes that an authenticated peer of the group sent on the consensus channel. May be anything. */
  | { readonly kind: 'message'; readonly from: NodeId; readonly payload: Uint8Array }
  /** Transactions this node's pool could seal now. Send on every change from and to 0; other changes are optional. */
  | { readonly kind: 'pendingTransactions'; readonly count: number }
  /** Answer to `seal`, whose first three fields it repeats. Ignored when the height or the view has moved on. */
  | {
      readonly kind: 'sealed';
      readonly height: number;
      readonly view: number;
      readonly parentDigest: Uint8Array;
      readonly timestampMs: number;
      readonly transactionHashes: readonly Uint8Array[];
    }
  /** Answer to `verifyProposal`: every body is at hand and the block may follow the head. */
  | { readonly kind: 'proposalVerified'; readonly height: number; readonly view: number; readonly digest: Uint8Array }
  /** Answer to `verifyProposal`: the proposal breaks a rule that every honest node sees alike. */
  | {
      readonly kind: 'proposalRejected';
      readonly height: number;
      readonly view: number;
      readonly digest: Uint8Array;
      readonly reason: string;
    }
  /**
   * Answer to `execute`: hash of the complete header, roots and gas filled in, and whether this block changes the sealers
   * or the settings of the next height.
   */
  | {
      readonly kind: 'executed';
      readonly height: number;
      readonly digest: Uint8Array;
      readonly headerHash: Uint8Array;
      readonly endsEpoch: boolean;
    }
  /** The ledger's head has risen: answer to `commit`, or a block (or several) that came by block sync. */
  | { readonly kind: 'stored'; readonly head: ChainHead }
  /** The transport has, or has lost, its last session to a peer. Moves timers only, never what is safe to vote. */
  | { readonly kind: 'peerUp'; readonly nodeId: NodeId }
  | { readonly kind: 'peerDown'; readonly nodeId: NodeId }
  /** This node will stop soon: whoever leads for long hands over. */
  | { readonly kind: 'retire' };

/** Everything a replica can ask of its host. */
export type Effect =
  /**
   * Must be durable before any later effect is begun (one atomic batch, one sync for all persists of a turn will do).
   * With `bodiesOf`, the raw transactions of those proposals go into the same batch under their digests, so that this
   * node can serve and execute them after a restart; the host drops them when a block of that height is stored.
   */
  | {
      readonly kind: 'persist';
      readonly records: readonly ConsensusRecord[];
      readonly bodiesOf?: readonly { readonly digest: Uint8Array; readonly proposal: Proposal }[];
    }
  /** Send to each node named (never this one), at consensus priority. May be lost; the engine repeats what matters. */
  | { readonly kind: 'send'; readonly to: readonly NodeId[]; readonly payload: Uint8Array }
  /**
   * This node leads: choose transactions for a block on the proposal `parentDigest` (of the head, or verified here before).
   * Answered by `sealed` when at least one is at hand that no proposal between the head and this one holds, at the host's
   * own pace (minimum block interval, fill level, heights in flight). A later `seal` or `viewEntered`, and `stored` of this
   * height, void it. The timestamp is max(parent + 1, wall clock).
   */
  | {
      readonly kind: 'seal';
      readonly height: number;
      readonly view: number;
      readonly parentDigest: Uint8Array;
      /** Heights between the head and this one, whose blocks are not stored yet. */
      readonly inFlight: number;
      readonly parentTimestampMs: number;
      readonly maxTransactions: number;
    }
  /**
   * Asked for this node's own proposals too: the host learns their digests, and the same checks hold for all.
   * Fetch missing bodies (from `proposer` first, then from any sealer) and check all that admission checks: signatures,
   * chain and group id, nonce window, block limit, gas, duplicates; and the timestamp (above the parent's, and not more than
   * 30 minutes ahead of the wall clock unless it is the earliest that the parent allows; skip the clock when `certified`,
   * since a quorum has accepted it before).
   * Height, parent, epoch, sealer list, sealer and count are checked already. Its parent is the head or was verified
   * before; what its ancestors above the head hold counts as if it were stored. Answered by `proposalVerified` or
   * `proposalRejected`, or never when bodies cannot be had. Void when the height is stored, NOT when the view moves on:
   * a later view may propose the same content, and then it is not asked for again unless it was not answered.
   */
  | {
      readonly kind: 'verifyProposal';
      readonly height: number;
      readonly view: number;
      readonly digest: Uint8Array;
      readonly proposal: Proposal;
      readonly proposer: NodeId;
      readonly certified: boolean;
    }
  /**
   * Execute, speculatively, on the state that its parent leaves: the head, or a proposal whose `executed` has been
   * answered. Answered by `executed`. The engine asks once per digest. The host may forget results; see `commit`.
   */
  | { readonly kind: 'execute'; readonly height: number; readonly digest: Uint8Array; readonly proposal: Proposal }
  /**
   * Final. Store block, receipts, state and signature list in one atomic durable batch, then answer `stored`. Comes in
   * order of height, and for a height whose parent may still be being stored. If the result of this digest is no longer at
   * hand, execute again; the header hash must come out equal.
   */
  | {
      readonly kind: 'commit';
      readonly height: number;
      readonly digest: Uint8Array;
      readonly proposal: Proposal;
      readonly headerHash: Uint8Array;
      /** At least a quorum of the height's sealers, ascending by index, each over the bare header hash. */
      readonly signatures: readonly BlockSignature[];
    }
  /** A peer says it has stored up to `height`, above our head: run block sync. A hint, unproven; may be a lie. */
  | { readonly kind: 'behind'; readonly height: number; readonly peer: NodeId }
  /**
   * For the pool and the log: this replica now works in `view`. Transactions of an abandoned proposal may be sealed again.
   * Views rise within an epoch; PBFT begins each epoch in view 0, the terms of Raft go on.
   */
  | {
      readonly kind: 'viewEntered';
      readonly epoch: number;
      readonly height: number;
      readonly view: number;
      readonly leader: NodeId;
    }
  /** For the log and alarms. Nothing else depends on it. */
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  /** The one timer of the engine: tick at this time or soon after. Replaces the one before. */
  | { readonly kind: 'wakeAt'; readonly atMs: number };

/** Something an operator must hear of. */
export type Evidence =
  /** Two signed messages of one node for the same kind, height and view. */
  | {
      readonly kind: 'equivocation';
      readonly message: 'prePrepare' | 'prepare' | 'commit';
      readonly nodeId: NodeId;
      readonly height: number;
      readonly view: number;
      readonly digests: readonly [Uint8Array, Uint8Array];
    }
  /** A leader's proposal was refused by this node. */
  | {
      readonly kind: 'badProposal';
      readonly nodeId: NodeId;
      readonly height: number;
      readonly view: number;
      readonly reason: string;
    }
  /** A node signed another result than ours for the height being decided; the height stalls if too many do. */
  | {
      readonly kind: 'divergentResult';
      readonly nodeId: NodeId;
      readonly height: number;
      readonly ownHash: Uint8Array;
      readonly otherHash: Uint8Array;
    }
  /** A sealer says it has stored another block at a height that we have stored: a lie, or a fork. */
  | {
      readonly kind: 'differentChain';
      readonly nodeId: NodeId;
      readonly height: number;
      readonly ownHash: Uint8Array;
      readonly otherHash: Uint8Array;
    };

export interface ConsensusStatus {
  readonly kind: 'pbft' | 'raft';
  readonly nodeId: NodeId;
  /** Own index among the sealers of the next height; undefined for an observer. */
  readonly nodeIndex: number | undefined;
  /** Sealers of the next height, sorted. */
  readonly sealers: readonly NodeId[];
  /** The most faulty sealers the group survives. */
  readonly maxFaulty: number;
  readonly quorum: number;
  /** Highest stored block. */
  readonly height: number;
  readonly hash: Uint8Array;
  /** The view this replica works in, counted from 0 in each epoch; the term, in Raft. */
  readonly view: number;
  /** The view it wants; equal to `view` unless a view change is under way. */
  readonly toView: number;
  /** The leader of (height + 1, toView). */
  readonly leader: NodeId | undefined;
  /** True while a view change is under way. */
  readonly leaderFailed: boolean;
  /** The last view heard from each sealer (itself included), ascending by index, sealers never heard of left out. */
  readonly viewsHeard: readonly { readonly nodeId: NodeId; readonly view: number }[];
  readonly connectedSealers: number;
  /** Back-off steps in force; 0 after progress. */
  readonly changeCycle: number;
  /** How far the next height is. */
  readonly phase: 'idle' | 'proposed' | 'prepared' | 'decided' | 'committing';
  /** Messages refused since creation, by reason. */
  readonly refusals: ReadonlyMap<string, number>;
}

/** What an engine needs at creation, besides its own tuning. */
export interface EngineOptions {
  readonly chainId: bigint;
  readonly groupId: number;
  readonly nodeId: NodeId;
  readonly head: ChainHead;
  /** Every record of this engine's store, in any order; empty for a new node. */
  readonly records: readonly { readonly key: string; readonly value: Uint8Array }[];
}

export interface EngineComponents {
  readonly crypto: ConsensusCrypto;
  readonly chain: ChainReader;
}

/** Refuses to start on records it cannot read: a node that forgot its votes must not vote. */
export type CreateEngine = (options: EngineOptions, components: EngineComponents) => Result<ConsensusEngine>;
