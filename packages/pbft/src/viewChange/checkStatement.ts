import { equalBytes } from '@menglian/base/bytes';
import type { NodeId } from '@menglian/types/address';
import type { ViewChangeStatement } from '../messages.js';
import { viewChangeDigest } from '../signing.js';
import { hashOf, type Replica, sealersOf } from '../state.js';

/** A statement that holds names its signer; one whose head we have not stored yet cannot be judged. */
export type StatementVerdict =
  | { readonly kind: 'valid'; readonly signer: NodeId }
  | { readonly kind: 'ahead'; readonly height: number }
  | { readonly kind: 'invalid'; readonly reason: string };

/**
 * Checks the signed part of a view change against our own chain: its head must be a block that we have stored ourselves.
 * That is a stronger test than a signature list sent along, and whoever is behind must store those blocks first anyway.
 */
export function checkStatement(replica: Replica, statement: ViewChangeStatement): StatementVerdict {
  const { headHeight, headHash, signer, claim, view } = statement;
  if (headHeight > replica.head.height) return { kind: 'ahead', height: headHeight };
  const sealers = sealersOf(replica, headHeight + 1);
  const nodeId = sealers?.[signer];
  const ownHash = hashOf(replica, headHeight);
  if (nodeId === undefined || ownHash === undefined) return { kind: 'invalid', reason: 'unknownSigner' };
  if (!equalBytes(ownHash, headHash)) return { kind: 'invalid', reason: 'differentChain' };
  if (claim !== undefined && claim.view >= view) return { kind: 'invalid', reason: 'claimOfLaterView' };
  const digest = viewChangeDigest(replica.crypto, replica.group, statement);
  if (!replica.signatures.verify(nodeId, digest, statement.signature)) {
    return { kind: 'invalid', reason: 'badSignature' };
  }
  return { kind: 'valid', signer: nodeId };
}
