import type { Proposal } from '@menglian/consensus-core/ports';
import type { HeightState, Replica } from '../state.js';

/** The content that the proof of the view worked in demands at this height; undefined when the leader is free. */
export function requiredProposal(replica: Replica, state: HeightState): Proposal | undefined {
  const proof = replica.newView;
  if (proof === undefined || proof.view !== state.round.view) return undefined;
  return proof.proofs.find(({ proposal }) => proposal.height === state.height)?.proposal;
}
