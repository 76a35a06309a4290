/** A replica as plain data. What changes it is in normal/ (one height's phases) and viewChange/. */
import { toHex } from '@menglian/base/bytes';
import type {
  ChainHead,
  ChainReader,
  ConsensusCrypto,
  ConsensusRecord,
  Effect,
  OrderPoint,
  Proposal,
} from '@menglian/consensus-core/ports';
import type { GroupIdentity } from '@menglian/consensus-core/proposal';
import { honestWitnessSize, quorumSize } from '@menglian/consensus-core/quorum';
import type { SafetyRules } from '@menglian/consensus-core/safety';
import type { VerifiedSignatures } from '@menglian/consensus-core/verifiedSignatures';
import type { NodeId } from '@menglian/types/address';
import type { Allowance } from './allowance.js';
import type { FutureMessages } from './future.js';
import { ALLOWANCE_AT_ONCE, MAX_CANDIDATES } from './limits.js';
import type { NewView, PrepareVotes, ViewChange } from './messages.js';
import type { PbftTiming } from './timing.js';

export interface Replica {
  readonly group: GroupIdentity;
  readonly nodeId: NodeId;
  readonly timing: PbftTiming;
  readonly crypto: ConsensusCrypto;
  readonly chain: ChainReader;
  /** Heights that may be in flight above the head. */
  readonly windowHeights: number;
  readonly signatures: VerifiedSignatures;
  readonly safety: SafetyRules;
  head: ChainHead;
  /** Own index among `head.sealers`; undefined for an observer, which follows and never votes. */
  ownIndex: number | undefined;
  /** State of the heights in flight, by height; never one at or below the head. */
  readonly heights: Map<number, HeightState>;
  /** The highest view change of each sealer, own included. */
  readonly viewChanges: Map<NodeId, ViewChange>;
  /** Own view change, encoded, for repeats; undefined when no change is under way. */
  ownViewChange: { readonly payload: Uint8Array; readonly sentMs: number } | undefined;
  /** The proof of the view worked in; undefined in view 0. */
  newView: NewView | undefined;
  readonly future: FutureMessages;
  /** The head or the view has moved: messages kept as too early may be due. */
  replayFuture: boolean;
  readonly peers: Map<NodeId, Peer>;
  pendingTransactions: number;
  /** Time of the latest tick. */
  nowMs: number;
  /** False until the first tick, which resumes what a restart interrupted. */
  started: boolean;
  /** Whoever was never heard of has been silent since then. */
  listeningSinceMs: number;
  heartbeatDueMs: number;
  readonly timer: Timer;
  /** What the step in progress asks for. */
  effects: Effect[];
  /** Deletions that wait to ride on the next record that must be written anyway. */
  deletions: ConsensusRecord[];
  wakeAtMs: number | undefined;
  readonly refusals: Map<string, number>;
}

/** The one timer: how long until this replica asks for the next view. See viewChange/timer.ts. */
export interface Timer {
  /** Undefined while nothing is waited for. */
  startedMs: number | undefined;
  /** Views asked for since the last stored block. */
  cycle: number;
}

/** What is known of another node. Local suspicion only: decides when, never what. */
export interface Peer {
  /** Since when the transport has had no session; undefined while it has, or has not said. */
  downSinceMs: number | undefined;
  /** When it was last heard of, by whatever message. */
  heardMs: number;
  /** It let a turn of its own pass, and has not led anything since. */
  hasFailedTurn: boolean;
  readonly viewMessages: Allowance;
  readonly falseSignatures: Allowance;
  view: number | undefined;
  height: number;
  /** Times of the last answer, request and hint, to bound them. */
  newViewSentMs: number;
  newViewAskedMs: number;
  behindMs: number;
  otherChainMs: number;
  /** When this peer was first heard of above our head; undefined when it is not. */
  aheadSinceMs: number | undefined;
}

export interface HeightState {
  readonly height: number;
  readonly sealers: readonly NodeId[];
  readonly quorum: number;
  /** f + 1 */
  readonly witness: number;
  round: Round;
  /** Proposals of this height by digest (hexadecimal), in order of arrival. */
  readonly candidates: Map<string, Candidate>;
  prepared: PreparedCertificate | undefined;
  /** Result votes by signer index. */
  readonly results: Map<number, ResultVote>;
  /** Digest (hexadecimal) that a quorum of commits of one view named: final, whatever view follows. */
  decided: string | undefined;
  /** Own result vote, encoded, once sent. */
  checkpointPayload: Uint8Array | undefined;
  /** The `commit` effect is out. */
  committing: boolean;
}

/** One height in one view. */
export interface Round {
  readonly view: number;
  /** What the leader proposed, or what the proof of the view demands. */
  candidate: Candidate | undefined;
  /** The proof of the view demands it: a quorum has accepted this content before. */
  certified: boolean;
  readonly prepares: Map<number, DigestVote>;
  readonly commits: Map<number, DigestVote>;
  sealAsked: boolean;
  /** Who has been reported for what in this round: once is enough for the log, whatever else they send. */
  readonly accused: Set<string>;
  /** Own messages of this round, encoded, for repeats. */
  readonly sent: { prePrepare?: Uint8Array; prepare?: Uint8Array; commit?: Uint8Array };
  /** When something of this round was last sent. */
  sentMs: number;
}

export interface DigestVote {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

export interface ResultVote {
  readonly headerHash: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Candidate {
  readonly digest: Uint8Array;
  readonly proposal: Proposal;
  /** Whether every body is here and the content may follow the head. */
  verification: 'unknown' | 'asked' | 'verified' | 'rejected';
  executionAsked: boolean;
  /** Hash of the executed header. */
  headerHash: Uint8Array | undefined;
  /** Its execution changes sealers or settings: what is ordered above it in this epoch is void. */
  endsEpoch: boolean;
}

/** A quorum of prepares for one digest in one view. */
export interface PreparedCertificate {
  readonly height: number;
  readonly view: number;
  readonly digest: Uint8Array;
  readonly votes: PrepareVotes;
  readonly proposal: Proposal;
}

/** State of a height inside the window, made when first needed; undefined outside of it. */
export function heightState(replica: Replica, height: number): HeightState | undefined {
  const base = replica.head.height;
  if (height <= base || height > base + replica.windowHeights) return undefined;
  let state = replica.heights.get(height);
  if (state === undefined) {
    const sealers = replica.head.sealers;
    state = {
      height,
      sealers,
      quorum: quorumSize(sealers.length),
      witness: honestWitnessSize(sealers.length),
      round: createRound(replica.safety.view),
      candidates: new Map(),
      prepared: undefined,
      results: new Map(),
      decided: undefined,
      checkpointPayload: undefined,
      committing: false,
    };
    replica.heights.set(height, state);
  }
  return state;
}

/** The height above the head. */
export function nextHeight(replica: Replica): HeightState {
  return heightState(replica, replica.head.height + 1)!;
}

/** The states in flight, ascending, from `height` on. */
export function heightsFrom(replica: Replica, height: number): HeightState[] {
  const states: HeightState[] = [];
  for (const state of replica.heights.values()) if (state.height >= height) states.push(state);
  return states.sort((a, b) => a.height - b.height);
}

export function createRound(view: number): Round {
  return {
    view,
    candidate: undefined,
    certified: false,
    prepares: new Map(),
    commits: new Map(),
    sealAsked: false,
    accused: new Set(),
    sent: {},
    sentMs: 0,
  };
}

/** Remembers a proposal; a known one keeps what is known about it. */
export function addCandidate(state: HeightState, digest: Uint8Array, proposal: Proposal): Candidate {
  const key = toHex(digest);
  const known = state.candidates.get(key);
  if (known !== undefined) return known;
  const candidate: Candidate = {
    digest,
    proposal,
    verification: 'unknown',
    executionAsked: false,
    headerHash: undefined,
    endsEpoch: false,
  };
  state.candidates.set(key, candidate);
  if (state.candidates.size > MAX_CANDIDATES) {
    const prepared = state.prepared === undefined ? undefined : toHex(state.prepared.digest);
    for (const old of state.candidates.keys()) {
      if (old === prepared || old === state.decided || old === key) continue;
      state.candidates.delete(old);
      break;
    }
  }
  return candidate;
}

/** Order of a stored block. */
export function orderOf(replica: Replica, height: number): OrderPoint | undefined {
  return height === replica.head.height ? replica.head.order : replica.chain.orderAt(height);
}

export function hashOf(replica: Replica, height: number): Uint8Array | undefined {
  return height === replica.head.height ? replica.head.hash : replica.chain.hashAt(height);
}

export function peerOf(replica: Replica, nodeId: NodeId): Peer {
  let peer = replica.peers.get(nodeId);
  if (peer === undefined) {
    const never = -Infinity;
    peer = {
      downSinceMs: undefined,
      heardMs: replica.nowMs,
      hasFailedTurn: false,
      viewMessages: { left: ALLOWANCE_AT_ONCE, reckonedMs: replica.nowMs },
      falseSignatures: { left: ALLOWANCE_AT_ONCE, reckonedMs: replica.nowMs },
      view: undefined,
      height: 0,
      newViewSentMs: never,
      newViewAskedMs: never,
      behindMs: never,
      otherChainMs: never,
      aheadSinceMs: undefined,
    };
    replica.peers.set(nodeId, peer);
  }
  return peer;
}

/** Whoever speaks is there, whatever the transport said last. */
export function noteHeard(replica: Replica, nodeId: NodeId): void {
  const peer = peerOf(replica, nodeId);
  peer.downSinceMs = undefined;
  peer.heardMs = Math.max(peer.heardMs, replica.nowMs);
}

/** True while this replica works in its view and has not asked to leave it. */
export function isViewStable(replica: Replica): boolean {
  return replica.safety.toView === replica.safety.view;
}

/** Counts a message that was not acted on, for the operator. The reasons are a closed set, so the map stays small. */
export function refuse(replica: Replica, reason: string): void {
  replica.refusals.set(reason, (replica.refusals.get(reason) ?? 0) + 1);
}
