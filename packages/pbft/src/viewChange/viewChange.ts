/** A sealer asks for a view: check, keep the latest of each, join when f + 1 ask. */
import type { NodeId } from '@menglian/types/address';
import type { ViewChange } from '../messages.js';
import { refuse, type Replica } from '../state.js';
import { isClaimProven } from './claims.js';
import { checkStatement } from './checkStatement.js';
import { hintBehind, offerNewView } from './repair.js';
import { startViewChange } from './start.js';
import { witnessedView } from './support.js';

/** @param sizeBytes of its encoding */
export function onViewChange(replica: Replica, from: NodeId, message: ViewChange, sizeBytes: number): void {
  const { statement } = message;
  const { epoch, view } = replica.safety;
  if (statement.epoch < epoch) return refuse(replica, 'otherEpoch');
  const isOfOurEpoch = statement.epoch === epoch;
  // The sender still looks for a view that we have left behind or entered: show it the proof.
  if (isOfOurEpoch && statement.view <= view) return offerNewView(replica, from);
  const known = isOfOurEpoch ? replica.viewChanges.get(replica.head.sealers[statement.signer] ?? '') : undefined;
  if (known !== undefined && !isNewer(message, known)) return;
  const verdict = checkStatement(replica, statement);
  if (verdict.kind === 'ahead') {
    // It is judged again when we have stored what it stands on.
    replica.future.add(from, message, sizeBytes);
    return hintBehind(replica, from, verdict.height);
  }
  if (verdict.kind === 'invalid') return refuse(replica, verdict.reason);
  if (verdict.signer === replica.nodeId) return;
  if (!areClaimsProven(replica, message)) return refuse(replica, 'unprovenClaim');
  replica.viewChanges.set(verdict.signer, message);
}

/** A sealer that stored a block since may say so for the same view; otherwise only higher views count. */
function isNewer(message: ViewChange, known: ViewChange): boolean {
  const [next, last] = [message.statement, known.statement];
  return next.view > last.view || (next.view === last.view && next.headHeight > last.headHeight);
}

function areClaimsProven(replica: Replica, { statement, proofs }: ViewChange): boolean {
  const { claims } = statement;
  return claims.length === proofs.length && claims.every((claim, i) => isClaimProven(replica, claim, proofs[i]!));
}

/** Joins the view that f + 1 sealers ask for, if it is above ours. */
export function joinWitnessedView(replica: Replica): void {
  const witnessed = witnessedView(replica);
  if (witnessed !== undefined && witnessed > replica.safety.toView) startViewChange(replica, witnessed);
}
