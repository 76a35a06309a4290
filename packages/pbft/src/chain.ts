/** How the heights in flight hang together: each proposal names its parent by digest, down to the stored head. */
import { equalBytes, toHex } from '@menglian/base/bytes';
import { type Candidate, type HeightState, heightState, type Replica } from './state.js';

/** What the proposal of a height stands on. */
export interface ParentPoint {
  readonly digest: Uint8Array;
  readonly timestampMs: number;
  /** Every body below is here, so what it holds is known. */
  readonly isVerified: boolean;
}

/** The parent that a proposal of this height must name in the view worked in; undefined while none is known. */
export function parentPoint(replica: Replica, height: number): ParentPoint | undefined {
  const { head } = replica;
  if (height === head.height + 1) {
    return { digest: head.order.digest, timestampMs: head.timestampMs, isVerified: true };
  }
  const below = replica.heights.get(height - 1);
  const candidate = below?.round.candidate;
  if (candidate === undefined) return undefined;
  const { digest, proposal, verification } = candidate;
  return { digest, timestampMs: proposal.timestampMs, isVerified: verification === 'verified' };
}

/** Whether a candidate stands on what the view worked in has below it. */
export function isLinked(replica: Replica, state: HeightState, candidate: Candidate): boolean {
  const parent = parentPoint(replica, state.height);
  return parent !== undefined && equalBytes(parent.digest, candidate.proposal.parentDigest);
}

/** The proposal that a candidate names as its parent; 'head' when that is the stored head. */
export function parentOf(replica: Replica, state: HeightState, candidate: Candidate): Candidate | 'head' | undefined {
  const { parentDigest } = candidate.proposal;
  if (state.height === replica.head.height + 1) {
    return equalBytes(parentDigest, replica.head.order.digest) ? 'head' : undefined;
  }
  return replica.heights.get(state.height - 1)?.candidates.get(toHex(parentDigest));
}

/** Heights whose block is certified and being stored count as known: storing is only a matter of time. */
export function certifiedHeight(replica: Replica): number {
  let height = replica.head.height;
  while (replica.heights.get(height + 1)?.committing === true) height++;
  return height;
}

/** The lowest height that is not certified yet: what the group works on. Undefined while the whole window is being stored. */
export function frontier(replica: Replica): HeightState | undefined {
  return heightState(replica, certifiedHeight(replica) + 1);
}
