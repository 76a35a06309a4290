/** A new view begins: its leader proves it, everybody recomputes the proof (PBFT §4.4). */
import { InvariantError } from '@menglian/base/invariant';
import { leaderIndex } from '@menglian/consensus-core/leader';
import { quorumSize } from '@menglian/consensus-core/quorum';
import type { NodeId } from '@menglian/types/address';
import type { NewView, PreparedClaim, PreparedProof, ViewChange } from '../messages.js';
import { broadcast } from '../output.js';
import { newViewDigest } from '../signing.js';
import { isViewStable, orderOf, peerOf, refuse, type Replica } from '../state.js';
import { isClaimProven } from './claims.js';
import { checkStatement } from './checkStatement.js';
import { enterView } from './enterView.js';
import { hintBehind } from './repair.js';
import { chosenClaims, startHeight } from './selection.js';

/** Begins the view asked for, when a quorum asks for it and this replica is its leader. */
export function assembleNewView(replica: Replica): void {
  const { epoch, toView: view } = replica.safety;
  if (replica.ownIndex === undefined || isViewStable(replica)) return;
  const asked = [...replica.viewChanges.values()].filter(({ statement }) => statement.view === view);
  if (asked.length === 0) return;
  const { sealers } = replica.head;
  const statements = asked.map(({ statement }) => statement);
  const height = startHeight(statements);
  const signer = leaderIndex(height, view, sealers.length);
  if (sealers[signer] !== replica.nodeId || asked.length < quorumSize(sealers.length)) return;
  const start = orderOf(replica, height - 1)!;
  const proofs = chosenClaims(statements, start.digest).map((claim) => proofOf(asked, claim));
  const content = { kind: 'newView', epoch, view, signer, statements, proofs } as const;
  const signature = replica.crypto.sign(newViewDigest(replica.crypto, replica.group, height, content));
  const message: NewView = { ...content, signature };
  enterView(replica, message, () => announceNewView(replica, message));
}

function announceNewView(replica: Replica, message: NewView): void {
  broadcast(replica, message);
  for (const sealer of replica.head.sealers) peerOf(replica, sealer).newViewSentMs = replica.nowMs;
}

function proofOf(messages: readonly ViewChange[], claim: PreparedClaim): PreparedProof {
  for (const { statement, proofs } of messages) {
    const index = statement.claims.indexOf(claim);
    if (index >= 0) return proofs[index]!;
  }
  throw new InvariantError('pbft/chosen-claim-has-a-proof', `height ${claim.height}`);
}

/** @param from the peer that sent or relayed it, to be asked for blocks that the proof shows we lack */
export function onNewView(replica: Replica, from: NodeId, message: NewView, sizeBytes: number): void {
  const { epoch, view, toView } = replica.safety;
  if (message.epoch < epoch) return;
  // Having asked for a higher view, this replica has promised not to vote in a lower one.
  if (message.epoch === epoch && (message.view <= view || message.view < toView)) return;
  const fault = newViewFault(replica, from, message);
  // It is judged again when we have stored what it stands on.
  if (fault === 'ahead') replica.future.add(from, message, sizeBytes);
  if (fault !== undefined) return refuse(replica, `newView:${fault}`);
  enterView(replica, message, () => undefined);
}

/** What is wrong with a proof. Nothing in it is believed: signers, heads, choice of proposal and leader are recomputed. */
function newViewFault(replica: Replica, from: NodeId, message: NewView): string | undefined {
  const { epoch, view, statements } = message;
  if (statements.length === 0) return 'noQuorum';
  const signers = new Set<NodeId>();
  for (const statement of statements) {
    if (statement.epoch !== epoch || statement.view !== view) return 'otherView';
    const verdict = checkStatement(replica, statement);
    if (verdict.kind === 'ahead') {
      hintBehind(replica, from, verdict.height);
      return 'ahead';
    }
    if (verdict.kind === 'invalid') return verdict.reason;
    if (signers.has(verdict.signer)) return 'repeatedSigner';
    signers.add(verdict.signer);
  }
  const height = startHeight(statements);
  const { sealers } = replica.head;
  if (signers.size < quorumSize(sealers.length)) return 'noQuorum';
  const leader = leaderIndex(height, view, sealers.length);
  if (message.signer !== leader) return 'notLeader';
  const faultOfProofs = proofsFault(replica, message);
  if (faultOfProofs !== undefined) return faultOfProofs;
  const digest = newViewDigest(replica.crypto, replica.group, height, message);
  return replica.signatures.verify(sealers[leader]!, digest, message.signature) ? undefined : 'badSignature';
}

/** The proofs must be those of the claims that this replica chooses itself, neither fewer nor more. */
function proofsFault(replica: Replica, { statements, proofs }: NewView): string | undefined {
  const start = orderOf(replica, startHeight(statements) - 1);
  if (start === undefined) return 'unknownHeight';
  const chosen = chosenClaims(statements, start.digest);
  if (proofs.length < chosen.length) return 'missingProposal';
  if (proofs.length > chosen.length) return 'unfoundedProposal';
  const areProven = chosen.every((claim, i) => isClaimProven(replica, claim, proofs[i]!));
  return areProven ? undefined : 'unprovenClaim';
}
