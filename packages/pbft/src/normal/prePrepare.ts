/** The leader's proposal arrives (PBFT §4.2). */
import { equalBytes } from '@menglian/base/bytes';
import { leaderIndex } from '@menglian/consensus-core/leader';
import type { Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import type { NodeId } from '@menglian/types/address';
import { refuseSignature } from '../allowance.js';
import { certifiedHeight, parentPoint } from '../chain.js';
import type { PrePrepare } from '../messages.js';
import { envelopeDigest } from '../signing.js';
import { addCandidate, type HeightState, heightState, isViewStable, refuse, type Replica } from '../state.js';
import { requiredProposal } from '../viewChange/requiredProposal.js';
import { noteTurnTaken } from '../viewChange/suspicion.js';
import { restartTimer } from '../viewChange/timer.js';
import { accuse, blameLeader, isAccused } from './accuse.js';
import { advance } from './advance.js';
import { proposalFault } from './proposalFault.js';

/** @param message of a height in the window whose parent is known, of the epoch of the head and the view worked in */
export function onPrePrepare(replica: Replica, from: NodeId, message: PrePrepare): void {
  const { view, proposal, signer, signature } = message;
  const state = heightState(replica, proposal.height)!;
  const { height, round, sealers } = state;
  if (signer !== leaderIndex(height, view, sealers.length) || sealers[signer] !== from) {
    return refuse(replica, 'notLeader');
  }
  if (isAccused(round, 'prePrepare', signer) || isAccused(round, 'badProposal', signer)) return;
  const digest = proposalDigest(replica.crypto, replica.group, proposal);
  if (round.candidate !== undefined && equalBytes(round.candidate.digest, digest)) return;
  const { epoch } = proposal;
  const envelope = { kind: 'prePrepare', epoch, height, view, signer, digest } as const;
  const signed = envelopeDigest(replica.crypto, replica.group, envelope);
  const nodeId = sealers[signer]!;
  if (!replica.signatures.verify(nodeId, signed, signature)) return refuseSignature(replica, from);
  if (round.candidate !== undefined && !round.certified) {
    const digests = [round.candidate.digest, digest] as const;
    return accuse(replica, round, signer, {
      kind: 'equivocation',
      message: 'prePrepare',
      nodeId,
      height,
      view,
      digests,
    });
  }
  if (requiredProposal(replica, state) !== undefined) return blameLeader(replica, state, 'notTheCertifiedProposal');
  const parent = parentPoint(replica, height)!;
  // Above the head another parent may be the fault of the leader below, who told different replicas different things.
  const isParentOpen = height > replica.head.height + 1;
  if (isParentOpen && !equalBytes(parent.digest, proposal.parentDigest)) return refuse(replica, 'otherParent');
  const fault = proposalFault(replica, state, proposal, parent, signer);
  if (fault !== undefined) return blameLeader(replica, state, fault);
  noteTurnTaken(replica, from);
  acceptProposal(replica, state, digest, proposal, false);
}

/** Takes a proposal as the one of this round; votes and execution follow when its bodies are at hand. */
export function acceptProposal(
  replica: Replica,
  state: HeightState,
  digest: Uint8Array,
  proposal: Proposal,
  certified: boolean,
): void {
  const { round } = state;
  round.certified = certified;
  const candidate = addCandidate(state, digest, proposal);
  round.candidate = candidate;
  // The answer to an earlier question may never come.
  if (candidate.verification !== 'verified') candidate.verification = 'unknown';
  if (isViewStable(replica) && state.height === certifiedHeight(replica) + 1) restartTimer(replica);
  // The proposal of the next height may have come before this one.
  replica.replayFuture = true;
  advance(replica, state.height);
}
