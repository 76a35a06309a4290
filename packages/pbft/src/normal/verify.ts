import { equalBytes } from '@menglian/base/bytes';
import { emit } from '../output.js';
import type { Candidate, HeightState, Replica } from '../state.js';

/** Asks the host for the bodies and their check. Again for each view: the last answer may never come. */
export function askToVerify(replica: Replica, state: HeightState, candidate: Candidate): void {
  candidate.verification = 'asked';
  const { digest, proposal } = candidate;
  const proposer = state.sealers[proposal.sealer] ?? state.sealers[0]!;
  const { height, round, prepared } = state;
  const isNamed = (named: Uint8Array | undefined): boolean => named !== undefined && equalBytes(named, digest);
  // A quorum has accepted what is prepared, or what the proof of a view demands.
  const certified = isNamed(prepared?.digest) || (round.certified && round.candidate === candidate);
  emit(replica, { kind: 'verifyProposal', height, view: round.view, digest, proposal, proposer, certified });
}
