/** This replica asks for a view (PBFT §4.4). From here on it votes in no lower one. */
import type { ViewChange, ViewChangeStatement } from '../messages.js';
import { broadcast, persist } from '../output.js';
import { viewChangeDigest } from '../signing.js';
import type { Replica } from '../state.js';
import { ownClaims } from './claims.js';
import { restartTimer } from './timer.js';

export function startViewChange(replica: Replica, toView: number): void {
  if (replica.ownIndex === undefined || toView <= replica.safety.toView) return;
  persist(replica, [replica.safety.wantView(toView)]);
  announceViewChange(replica);
  restartTimer(replica);
}

/** Signs and sends the view change that the record says is under way; after a restart, again. */
export function announceViewChange(replica: Replica): void {
  if (replica.ownIndex === undefined) return;
  const { claims, proofs } = ownClaims(replica);
  const content: Omit<ViewChangeStatement, 'signature'> = {
    signer: replica.ownIndex,
    epoch: replica.safety.epoch,
    view: replica.safety.toView,
    headHeight: replica.head.height,
    headHash: replica.head.hash,
    claims,
  };
  const signature = replica.crypto.sign(viewChangeDigest(replica.crypto, replica.group, content));
  const message: ViewChange = { kind: 'viewChange', statement: { ...content, signature }, proofs };
  replica.viewChanges.set(replica.nodeId, message);
  replica.ownViewChange = { payload: broadcast(replica, message), sentMs: replica.nowMs };
}
