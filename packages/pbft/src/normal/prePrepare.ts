/** The leader's proposal arrives (PBFT §4.2). */
import { equalBytes, toHex } from '@menglian/base/bytes';
import { leaderIndex } from '@menglian/consensus-core/leader';
import type { Input, Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import type { PrePrepare } from '../messages.js';
import { emit } from '../output.js';
import { envelopeDigest } from '../signing.js';
import { addCandidate, type HeightState, heightState, isViewStable, refuse, type Replica } from '../state.js';
import { requiredProposal } from '../viewChange/requiredProposal.js';
import { startViewChange } from '../viewChange/start.js';
import { restartTimer } from '../viewChange/timer.js';
import { accuse, isAccused } from './accuse.js';
import { advance } from './advance.js';
import { proposalFault } from './proposalFault.js';

/** @param message of a height in the window and of the view worked in */
export function onPrePrepare(replica: Replica, message: PrePrepare): void {
  const { view, proposal, signer, signature } = message;
  const state = heightState(replica, proposal.height)!;
  const { height, round, sealers } = state;
  if (signer !== leaderIndex(height, view, sealers.length)) return refuse(replica, 'notLeader');
  if (signer === replica.ownIndex) return;
  if (isAccused(round, 'prePrepare', signer) || isAccused(round, 'badProposal', signer)) return;
  const digest = proposalDigest(replica.crypto, replica.group, proposal);
  if (round.digest !== undefined && equalBytes(round.digest, digest)) return;
  const signed = envelopeDigest(replica.crypto, replica.group, { kind: 'prePrepare', height, view, signer, digest });
  const nodeId = sealers[signer]!;
  if (!replica.signatures.verify(nodeId, signed, signature)) return refuse(replica, 'badSignature');
  if (round.digest !== undefined && !round.certified) {
    const digests = [round.digest, digest] as const;
    return accuse(replica, round, signer, {
      kind: 'equivocation',
      message: 'prePrepare',
      nodeId,
      height,
      view,
      digests,
    });
  }
  const fault =
    requiredProposal(replica, state) === undefined
      ? proposalFault(replica, state, proposal, signer)
      : 'notTheCertifiedProposal';
  if (fault !== undefined) return blameLeader(replica, state, fault);
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
  round.digest = digest;
  round.certified = certified;
  const candidate = addCandidate(state, digest, proposal);
  if (candidate.verification !== 'verified') askToVerify(replica, state, digest, certified);
  if (isViewStable(replica)) restartTimer(replica);
  advance(replica, state);
}

/** Asks the host for the bodies and their check. Again for each view: the last answer may never come. */
export function askToVerify(replica: Replica, state: HeightState, digest: Uint8Array, certified: boolean): void {
  const candidate = state.candidates.get(toHex(digest))!;
  candidate.verification = 'asked';
  const { proposal } = candidate;
  const proposer = state.sealers[proposal.sealer] ?? state.sealers[0]!;
  const { height, round } = state;
  emit(replica, { kind: 'verifyProposal', height, view: round.view, digest, proposal, proposer, certified });
}

export function onProposalVerified(replica: Replica, input: Extract<Input, { kind: 'proposalVerified' }>): void {
  const state = heightState(replica, input.height);
  const candidate = state?.candidates.get(toHex(input.digest));
  if (state === undefined || candidate === undefined) return;
  candidate.verification = 'verified';
  advance(replica, state);
}

export function onProposalRejected(replica: Replica, input: Extract<Input, { kind: 'proposalRejected' }>): void {
  const state = heightState(replica, input.height);
  const candidate = state?.candidates.get(toHex(input.digest));
  if (state === undefined || candidate === undefined || candidate.verification === 'verified') return;
  candidate.verification = 'rejected';
  const { round } = state;
  const isCurrent = round.digest !== undefined && equalBytes(round.digest, input.digest) && input.view === round.view;
  // A certified proposal was re-issued by duty: a quorum accepted its content, so this leader is not to blame.
  if (isCurrent && !round.certified) blameLeader(replica, state, input.reason);
}

/** A provably bad proposal: say so and ask for the next leader without waiting. */
function blameLeader(replica: Replica, state: HeightState, reason: string): void {
  const { height, round, sealers } = state;
  const leader = leaderIndex(height, round.view, sealers.length);
  accuse(replica, round, leader, { kind: 'badProposal', nodeId: sealers[leader]!, height, view: round.view, reason });
  if (isViewStable(replica)) startViewChange(replica, round.view + 1);
}
