import type { Result } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Address, NodeId } from '@menglian/types/address';
import type { BlockSignature } from '@menglian/types/block';
import type { BlockHeader } from '@menglian/types/header';
import type { Receipt } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { Outcome, RpcError } from './errors.js';

/** One request to a group: the method exists, its parameters have the declared JSON types. */
export interface GroupRequest {
  readonly method: string;
  /** Positional parameters without the leading group id. */
  readonly params: readonly unknown[];
  /** Where the caller wants the receipt of a transaction that the request sends. */
  readonly watch?: ReceiptWatch;
}

/** A wish for a receipt as soon as there is one: sessions of the channel have it. */
export interface ReceiptWatch {
  /** Comes back with the receipt; unique among all that wait. */
  readonly number: number;
  /** Refusals come as receipts too, and the answer is the hash whatever happens (version 3 of the channel). */
  readonly isAsync: boolean;
}

/** Takes the wishes of a group's requests. */
export interface ReceiptWatches {
  /** The transaction waits in the pool. @param withProof the receipt comes with both Merkle proofs */
  await(transactionHash: Uint8Array, watchNumber: number, withProof: boolean): void;
  /** The transaction was not taken. @param status from 15 up: docs/formats.md, "Status table" */
  refuse(watchNumber: number, status: number): void;
}

/** Who asks, where that makes a difference: a session of the channel. HTTP has none. */
export interface Caller {
  /** @returns why a request may not be looked at at all; the answer has no id where `hidesId` */
  refusal(method: unknown, params: unknown): { readonly error: RpcError; readonly hidesId: boolean } | undefined;
  /** Not for the requests of a batch. */
  readonly watch: ReceiptWatch;
}

/** The way from the HTTP server to the groups, which run elsewhere. */
export interface GroupGateway {
  /**
   * Runs requests in order and answers each. One call for a whole batch, so that it crosses threads once.
   * @returns undefined when no such group runs here
   */
  request(groupId: number, requests: readonly GroupRequest[]): Promise<Outcome[]> | undefined;
}

export interface PeerView {
  readonly nodeId: NodeId;
  readonly agency: string;
  readonly name: string;
  /** `ip:port` */
  readonly address: string;
  /** of AMOP, on which its clients listen */
  readonly topics: readonly string[];
}

/** What became of a wish to change whom the node dials. */
export type PeersChange =
  | { readonly kind: 'changed' | 'unchanged' }
  /** in the words of 2.x */
  | { readonly kind: 'refused'; readonly reason: string };

export type GroupStatus = 'INEXISTENT' | 'RUNNING' | 'STOPPING' | 'STOPPED' | 'DELETED' | 'UNKNOWN';

/** What clients may do to a group of the node. */
export type GroupOperation =
  | {
      readonly kind: 'generate';
      readonly timestampMs: number;
      /** node ids, distinct, ascending */
      readonly sealers: readonly string[];
      readonly freeStorage: boolean;
    }
  | { readonly kind: 'start' | 'stop' | 'remove' | 'recover' };

/** What became of it. */
export type GroupOperationResult =
  | {
      readonly kind:
        | 'done'
        | 'exists'
        | 'genesisExists'
        | 'tuningExists'
        | 'genesisMissing'
        | 'tuningMissing'
        | 'notFound'
        | 'isRunning'
        | 'isStopped'
        | 'isStopping'
        | 'isDeleted'
        | 'isNotDeleted';
    }
  /** sealers that are not linked with this node */
  | { readonly kind: 'peersMissing'; readonly nodeIds: readonly string[] }
  /** a sentence for the operator */
  | { readonly kind: 'failed'; readonly reason: string };

/** What methods that concern the node, not a group, read and change. */
export interface NodeView {
  readonly chainId: number;
  readonly supportedVersion: string;
  readonly isSm: boolean;
  /** `time` is `YYYYMMDD HH:MM:SS` */
  readonly build: { readonly time: string; readonly branch: string; readonly commit: string };
  self(): PeerView;
  /** connected peers */
  peers(): readonly PeerView[];
  /** `ip:port` of each configured peer, own address included where listed */
  configuredPeers(): readonly string[];
  /** groups that run here and that this node is a member of, ascending */
  groupList(): readonly number[];
  groupStatus(groupId: number): Promise<GroupStatus>;
  /** undefined where groups are not to be changed by clients (`disable_dynamic_group`) */
  readonly changeGroup: ((groupId: number, operation: GroupOperation) => Promise<GroupOperationResult>) | undefined;
  /** @param peers at least one `ip:port` */
  changePeers(kind: 'add' | 'erase', peers: readonly string[]): Promise<PeersChange>;
}

/** A stored block whose parts are decoded when asked for, so that reading a header costs no more than a header. */
export interface BlockView {
  readonly header: BlockHeader;
  readonly hash: Uint8Array;
  readonly signatures: readonly BlockSignature[];
  readonly transactionCount: number;
  /** @param index below transactionCount, like in the methods that follow */
  transactionHash(index: number): Uint8Array;
  signedTransaction(index: number): SignedTransaction;
  receipt(index: number): Receipt;
}

export interface ConsensusStatusView {
  readonly consensusType: 'pbft' | 'raft' | 'rpbft';
  readonly view: number;
  readonly toView: number;
  readonly leaderFailed: boolean;
  /** of the next height, where known */
  readonly leader: NodeId | undefined;
  readonly connectedSealers: number;
  /** who votes on the next height, ascending */
  readonly sealers: readonly NodeId[];
  /** the view each sealer was last heard in; undefined when not heard yet */
  readonly viewOf: ReadonlyMap<NodeId, number>;
}

export interface SyncStatusView {
  readonly isSyncing: boolean;
  readonly knownHighestNumber: number;
  readonly knownLatestHash: Uint8Array;
  readonly peers: readonly {
    readonly nodeId: NodeId;
    readonly blockNumber: number;
    readonly genesisHash: Uint8Array;
    readonly latestHash: Uint8Array;
  }[];
}

export interface CallRequest {
  readonly from: Address;
  readonly to: Address;
  readonly data: Uint8Array;
  readonly value: bigint;
}

export interface CallResult {
  readonly status: number;
  readonly output: Uint8Array;
}

/** Why a transaction was not taken: `comment` in the words of 2.x, `advice` for a person. */
export interface SubmitRefusal {
  /** as a receipt tells it; undefined where the bytes are no transaction */
  readonly status: number | undefined;
  readonly comment: string;
  readonly advice: string;
}

/** What the methods of one group read and do. Synchronous: it lives on the group's thread. */
export interface GroupView {
  readonly suite: CryptoSuite;
  readonly groupId: number;
  readonly nodeId: NodeId;
  readonly genesisHash: Uint8Array;
  /** sealer or observer of the group, or configured to act as one */
  isMember(): boolean;
  blockNumber(): number;
  headHash(): Uint8Array;
  /** undefined above the head */
  block(number: number): BlockView | undefined;
  numberByHash(hash: Uint8Array): number | undefined;
  locate(transactionHash: Uint8Array): { readonly number: number; readonly index: number } | undefined;
  totals(): { readonly blockNumber: number; readonly transactions: bigint; readonly failed: bigint };
  pendingTransactions(): readonly SignedTransaction[];
  pendingCount(): number;
  /** Whether a transaction waits in the pool. @param hash 64 lower-case hexadecimal digits */
  isPending(hash: string): boolean;
  code(address: Address): Uint8Array;
  /** the value in effect for the next block; '' when never set */
  systemConfig(key: string): string;
  /** in storage order; in rPBFT those that work first, then those that wait */
  sealers(): readonly NodeId[];
  observers(): readonly NodeId[];
  /** only in rPBFT; in storage order */
  workingSealers(): readonly NodeId[];
  consensusStatus(): ConsensusStatusView;
  syncStatus(): SyncStatusView;
  call(request: CallRequest): CallResult;
  /** Decodes, checks and pools transactions, as if one after another. @returns the hash of each */
  submitAll(raws: readonly Uint8Array[]): Result<Uint8Array, SubmitRefusal>[];
}
