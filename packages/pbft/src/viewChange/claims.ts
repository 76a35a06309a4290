/** Claims of prepared content: what a view change says, and the proofs that make it believed. */
import { equalBytes } from '@menglian/base/bytes';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { provesPrepared } from '../certificate.js';
import type { PreparedClaim, PreparedProof } from '../messages.js';
import { heightsFrom, type Replica, sealersOf } from '../state.js';

/** What this replica has prepared above its head, with proofs, by ascending height. */
export function ownClaims(replica: Replica): { claims: PreparedClaim[]; proofs: PreparedProof[] } {
  const claims: PreparedClaim[] = [];
  const proofs: PreparedProof[] = [];
  for (const { height, prepared } of heightsFrom(replica, replica.head.height + 1)) {
    if (prepared === undefined) continue;
    const { view, digest, votes, proposal } = prepared;
    claims.push({ height, view, digest, parentDigest: proposal.parentDigest });
    proofs.push({ votes, proposal });
  }
  return { claims, proofs };
}

/**
 * Whether a quorum prepared what the claim says.
 * @param headHeight a stored head; the claim is of its epoch
 */
export function isClaimProven(
  replica: Replica,
  headHeight: number,
  epoch: number,
  claim: PreparedClaim,
  proof: PreparedProof,
): boolean {
  const { height, view, digest, parentDigest } = claim;
  const { votes, proposal } = proof;
  if (proposal.height !== height || proposal.epoch !== epoch) return false;
  if (!equalBytes(proposal.parentDigest, parentDigest)) return false;
  const sealers = sealersOf(replica, headHeight + 1);
  // Signatures first: a false one ends the check before a large proposal is hashed.
  if (sealers === undefined || !provesPrepared(replica, { epoch, height, view, digest }, votes, sealers)) return false;
  return equalBytes(proposalDigest(replica.crypto, replica.group, proposal), digest);
}
