/** The messages between sealers. Layouts: messageCodec.ts. What each signature covers: signing.ts. */
import type { Proposal } from '@menglian/consensus-core/ports';

/** Numbers on the wire and inside the signed bytes: a signature of one kind can never pass for another. */
export const MESSAGE_CODES = {
  prePrepare: 1,
  prepare: 2,
  commit: 3,
  checkpoint: 4,
  viewChange: 5,
  newView: 6,
  heartbeat: 7,
  newViewRequest: 8,
} as const;

export type MessageKind = keyof typeof MESSAGE_CODES;

/** A signature by the sealer of that index, among the sealers of the height in question. */
export interface IndexedSignature {
  readonly signer: number;
  readonly signature: Uint8Array;
}

/** The leader's proposal for a fresh height. */
export interface PrePrepare extends IndexedSignature {
  readonly kind: 'prePrepare';
  readonly view: number;
  readonly proposal: Proposal;
}

/** `prepare`: I hold and have checked this proposal. `commit`: I have seen a quorum of prepares. */
export interface Vote extends IndexedSignature {
  readonly kind: 'prepare' | 'commit';
  readonly epoch: number;
  readonly height: number;
  readonly view: number;
  readonly digest: Uint8Array;
}

/**
 * The result of a height whose order is decided. The signature is over the bare header hash: it is what goes into the
 * block's signature list. There is no view in it, and none is needed: see README, "Why the result is signed last".
 */
export interface Checkpoint extends IndexedSignature {
  readonly kind: 'checkpoint';
  /** Not signed: says among which sealers `signer` is an index. */
  readonly epoch: number;
  readonly height: number;
  readonly headerHash: Uint8Array;
}

/** "In `view`, a quorum prepared `digest`, whose parent is `parentDigest`, at `height`", in the epoch of the head named beside it. */
export interface PreparedClaim {
  readonly height: number;
  readonly view: number;
  readonly digest: Uint8Array;
  readonly parentDigest: Uint8Array;
}

/** The signed part of a view change. `signer` is an index among the sealers of `headHeight` + 1. */
export interface ViewChangeStatement extends IndexedSignature {
  /** Of the height above the head. Views of another epoch are other views, of other sealers. */
  readonly epoch: number;
  /** The view asked for. Nothing is signed by this sender in any view below it again. */
  readonly view: number;
  readonly headHeight: number;
  readonly headHash: Uint8Array;
  /** One at most for each height above the head, ascending. */
  readonly claims: readonly PreparedClaim[];
}

/** q prepare votes, ascending by signer. */
export type PrepareVotes = readonly IndexedSignature[];

/** What a claim needs to be believed, and its content to be voted on again. */
export interface PreparedProof {
  readonly votes: PrepareVotes;
  readonly proposal: Proposal;
}

export interface ViewChange {
  readonly kind: 'viewChange';
  readonly statement: ViewChangeStatement;
  /** Of each claim, in order. */
  readonly proofs: readonly PreparedProof[];
}

/** The leader's proof that a view may begin, complete in itself: whoever relays it need not be trusted. */
export interface NewView extends IndexedSignature {
  readonly kind: 'newView';
  readonly epoch: number;
  readonly view: number;
  readonly statements: readonly ViewChangeStatement[];
  /** Of the claims that bind the new view, by height from its first on: what must be voted on again. */
  readonly proofs: readonly PreparedProof[];
}

/** Where a replica stands; signed by the sender's node key. */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly height: number;
  readonly hash: Uint8Array;
  /** Of the height above that one; the views are of this epoch. */
  readonly epoch: number;
  readonly view: number;
  readonly toView: number;
  readonly signature: Uint8Array;
}

/** Asks for the proof of a view at or above `view` in this epoch. */
export interface NewViewRequest {
  readonly kind: 'newViewRequest';
  readonly epoch: number;
  readonly view: number;
}

export type Message = PrePrepare | Vote | Checkpoint | ViewChange | NewView | Heartbeat | NewViewRequest;
