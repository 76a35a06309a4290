/** Claims of prepared content: what a view change says, and the proofs that make it believed. */
import { equalBytes } from '@menglian/base/bytes';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { provesPrepared } from '../certificate.js';
import type { PreparedClaim, PreparedProof } from '../messages.js';
import { heightsFrom, type Replica } from '../state.js';

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

/** Whether a quorum of our epoch prepared what the claim says. */
export function isClaimProven(replica: Replica, claim: PreparedClaim, proof: PreparedProof): boolean {
  const { height, view, digest, parentDigest } = claim;
  const { votes, proposal } = proof;
  const { sealers, order } = replica.head;
  const { epoch } = order;
  if (proposal.height !== height || proposal.epoch !== epoch) return false;
  if (!equalBytes(proposal.parentDigest, parentDigest)) return false;
  // Signatures first: a false one ends the check before a large proposal is hashed.
  if (!provesPrepared(replica, { epoch, height, view, digest }, votes, sealers)) return false;
  return equalBytes(proposalDigest(replica.crypto, replica.group, proposal), digest);
}
