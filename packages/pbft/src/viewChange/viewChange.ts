/** A sealer asks for a view: check, keep the latest of each, join when f + 1 ask. */
import { equalBytes } from '@menglian/base/bytes';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import type { NodeId } from '@menglian/types/address';
import { provesPrepared } from '../certificate.js';
import type { ViewChange } from '../messages.js';
import { refuse, type Replica, sealersOf } from '../state.js';
import { checkStatement } from './checkStatement.js';
import { hintBehind, offerNewView } from './repair.js';
import { startViewChange } from './start.js';
import { witnessedView } from './support.js';

export function onViewChange(replica: Replica, from: NodeId, message: ViewChange): void {
  const { statement } = message;
  // The sender still looks for a view that we have left behind or entered: show it the proof.
  if (statement.view <= replica.safety.view) return offerNewView(replica, from);
  const known = replica.viewChanges.get(sealersOf(replica, statement.headHeight + 1)?.[statement.signer] ?? '');
  if (known !== undefined && !isNewer(message, known)) return;
  const verdict = checkStatement(replica, statement);
  if (verdict.kind === 'ahead') return hintBehind(replica, from, verdict.height);
  if (verdict.kind === 'invalid') return refuse(replica, verdict.reason);
  if (verdict.signer === replica.nodeId) return;
  if (!replica.head.sealers.includes(verdict.signer)) return refuse(replica, 'unknownSigner');
  if (!isClaimProven(replica, message)) return refuse(replica, 'unprovenClaim');
  replica.viewChanges.set(verdict.signer, message);
}

/** A sealer that stored a block since may say so for the same view; otherwise only higher views count. */
function isNewer(message: ViewChange, known: ViewChange): boolean {
  const [next, last] = [message.statement, known.statement];
  return next.view > last.view || (next.view === last.view && next.headHeight > last.headHeight);
}

function isClaimProven(replica: Replica, message: ViewChange): boolean {
  const { statement, votes, proposal } = message;
  const { claim } = statement;
  if (claim === undefined) return true;
  if (votes === undefined || proposal === undefined) return false;
  const height = statement.headHeight + 1;
  if (proposal.height !== height) return false;
  // Signatures first: a false one ends the check before a large proposal is hashed.
  if (!provesPrepared(replica, { height, ...claim }, votes, sealersOf(replica, height)!)) return false;
  return equalBytes(proposalDigest(replica.crypto, replica.group, proposal), claim.digest);
}

/** Joins the view that f + 1 sealers ask for, if it is above ours. */
export function joinWitnessedView(replica: Replica): void {
  const witnessed = witnessedView(replica);
  if (witnessed !== undefined && witnessed > replica.safety.toView) startViewChange(replica, witnessed);
}
