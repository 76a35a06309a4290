import { equalBytes } from '@menglian/base/bytes';
import type { NodeId } from '@menglian/types/address';
import { MAX_CLAIMS } from '../limits.js';
import type { ViewChangeStatement } from '../messages.js';
import { viewChangeDigest } from '../signing.js';
import { hashOf, orderOf, type Replica } from '../state.js';

/** A statement that holds names its signer; one whose head we have not stored yet cannot be judged. */
export type StatementVerdict =
  | { readonly kind: 'valid'; readonly signer: NodeId }
  | { readonly kind: 'ahead'; readonly height: number }
  | { readonly kind: 'invalid'; readonly reason: string };

/**
 * Checks the signed part of a view change against our own chain: its head must be a block that we have stored ourselves.
 * That is a stronger test than a signature list sent along, and whoever is behind must store those blocks first anyway.
 * And it must be of our epoch: a quorum of other sealers says nothing about what ours have decided.
 */
export function checkStatement(replica: Replica, statement: ViewChangeStatement): StatementVerdict {
  const { epoch, headHeight, headHash, signer } = statement;
  if (headHeight > replica.head.height) return { kind: 'ahead', height: headHeight };
  if (epoch !== replica.head.order.epoch || orderOf(replica, headHeight)?.epoch !== epoch) {
    return { kind: 'invalid', reason: 'otherEpoch' };
  }
  const nodeId = replica.head.sealers[signer];
  if (nodeId === undefined) return { kind: 'invalid', reason: 'unknownSigner' };
  const ownHash = hashOf(replica, headHeight);
  if (ownHash === undefined || !equalBytes(ownHash, headHash)) return { kind: 'invalid', reason: 'differentChain' };
  if (!areClaimsInOrder(statement)) return { kind: 'invalid', reason: 'claimsOutOfOrder' };
  const digest = viewChangeDigest(replica.crypto, replica.group, statement);
  if (!replica.signatures.verify(nodeId, digest, statement.signature)) {
    return { kind: 'invalid', reason: 'badSignature' };
  }
  return { kind: 'valid', signer: nodeId };
}

/** Ascending heights above the head, in a window that somebody may have; of views below the one asked for. */
function areClaimsInOrder({ view, headHeight, claims }: ViewChangeStatement): boolean {
  let previous = headHeight;
  for (const claim of claims) {
    if (claim.height <= previous || claim.height > headHeight + MAX_CLAIMS || claim.view >= view) return false;
    previous = claim.height;
  }
  return true;
}
