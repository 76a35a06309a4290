/** A Raft replica of a chain as plain data: a core, and what its entries mean for the chain. */
import { toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import type {
  ChainHead,
  ChainReader,
  ConsensusCrypto,
  ConsensusRecord,
  Effect,
  Proposal,
} from '@menglian/consensus-core/ports';
import { type GroupIdentity, proposalDigest, readProposal, writeProposal } from '@menglian/consensus-core/proposal';
import type { SafetyRules } from '@menglian/consensus-core/safety';
import type { VerifiedSignatures } from '@menglian/consensus-core/verifiedSignatures';
import type { NodeId } from '@menglian/types/address';
import type { Entry } from './core/entry.js';
import type { RaftCore } from './core/state.js';
import type { RaftTiming } from './timing.js';

export interface Replica {
  readonly group: GroupIdentity;
  readonly nodeId: NodeId;
  readonly timing: RaftTiming;
  readonly crypto: ConsensusCrypto;
  readonly chain: ChainReader;
  readonly signatures: VerifiedSignatures;
  readonly safety: SafetyRules;
  readonly core: RaftCore;
  head: ChainHead;
  /** Every entry up to here is committed and means nothing above the head any more. */
  settledIndex: number;
  /** What is known of proposals above the head, by digest (hexadecimal). */
  readonly blocks: Map<string, Block>;
  /** The proposals in the log's entries, decoded once. */
  readonly decoded: WeakMap<Entry, DecodedProposal>;
  /** Signed results of heights above the head, by height and signer. */
  readonly results: Map<number, Map<NodeId, SignedResult>>;
  /** Own results, encoded, of heights above the head. */
  readonly ownResults: Map<number, { readonly payload: Uint8Array; sentMs: number }>;
  /** The `seal` that is out. */
  sealRequest: SealRequest | undefined;
  /** After an own proposal that came to nothing. */
  sealPausedUntilMs: number;
  /** What came back, while it is being verified: nothing enters the log that the others would refuse. */
  ownProposal: Block | undefined;
  /** The term and leader last told of by `viewEntered`. */
  toldLeader: { readonly term: number; readonly leader: NodeId } | undefined;
  readonly peers: Map<NodeId, Peer>;
  /** Who has been reported for what: once is enough for the log. Emptied as heights are stored. */
  readonly accused: Map<string, number>;
  pendingTransactions: number;
  started: boolean;
  /** What the step in progress asks for. */
  records: ConsensusRecord[];
  effects: Effect[];
  /** Deletions that wait to ride on the next record that must be written anyway. */
  deletions: ConsensusRecord[];
  wakeAtMs: number | undefined;
  readonly refusals: Map<string, number>;
}

export interface DecodedProposal {
  readonly digest: Uint8Array;
  readonly key: string;
  readonly proposal: Proposal;
}

/** A proposal above the head. */
export interface Block extends DecodedProposal {
  /** Whether every body is here and the content may follow its parent. */
  verification: 'unknown' | 'asked' | 'verified' | 'rejected';
  isExecutionAsked: boolean;
  result: { readonly headerHash: Uint8Array; readonly endsEpoch: boolean } | undefined;
  /** The `commit` effect is out. */
  isCommitting: boolean;
}

export interface SignedResult {
  readonly headerHash: Uint8Array;
  readonly signature: Uint8Array;
}

export interface SealRequest {
  readonly height: number;
  readonly view: number;
  readonly parentDigest: Uint8Array;
}

/** What is known of another node. Local suspicion only: decides when, never what. */
export interface Peer {
  isDown: boolean;
  /** The last term heard. */
  term: number | undefined;
  /** Since when it is ahead of the head that we had then. */
  ahead: { readonly ofHeight: number; readonly sinceMs: number } | undefined;
  hintedMs: number;
}

export function peerOf(replica: Replica, nodeId: NodeId): Peer {
  let peer = replica.peers.get(nodeId);
  if (peer === undefined) {
    peer = { isDown: false, term: undefined, ahead: undefined, hintedMs: Number.NEGATIVE_INFINITY };
    replica.peers.set(nodeId, peer);
  }
  return peer;
}

/** Counts a message that was not acted on, for the operator. The reasons are a closed set, so the map stays small. */
export function refuseMessage(replica: Replica, reason: string): void {
  replica.refusals.set(reason, (replica.refusals.get(reason) ?? 0) + 1);
}

export function encodeProposal(proposal: Proposal): Uint8Array {
  const writer = new BinaryWriter(1024);
  writeProposal(writer, proposal);
  return writer.finish();
}

/** Reads a data entry that came from outside. @returns whether it is a proposal */
export function decodeDataEntry(replica: Replica, entry: Entry): boolean {
  if (entry.content.kind !== 'data') return true;
  const reader = new BinaryReader(entry.content.data);
  const read = reader.result(readProposal(reader));
  if (!read.ok) return false;
  const digest = proposalDigest(replica.crypto, replica.group, read.value);
  replica.decoded.set(entry, { digest, key: toHex(digest), proposal: read.value });
  return true;
}

/** The proposal in a data entry of the log. */
export function proposalOf(replica: Replica, entry: Entry): DecodedProposal {
  if (!replica.decoded.has(entry)) invariant(decodeDataEntry(replica, entry), 'raft/entry-is-no-proposal');
  return replica.decoded.get(entry)!;
}

/** What is known of a proposal, made when first needed. */
export function blockOf(replica: Replica, decoded: DecodedProposal): Block {
  let block = replica.blocks.get(decoded.key);
  if (block === undefined) {
    block = {
      ...decoded,
      verification: 'unknown',
      isExecutionAsked: false,
      result: undefined,
      isCommitting: false,
    };
    replica.blocks.set(decoded.key, block);
  }
  return block;
}
