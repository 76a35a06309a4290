import type { Proposal } from '@menglian/consensus-core/ports';
import type { HeightState, Replica } from '../state.js';
import { startHeight } from './selection.js';

/** The content that the proof of the view worked in demands at this height; undefined when the leader is free. */
export function requiredProposal(replica: Replica, state: HeightState): Proposal | undefined {
  const proof = replica.newView;
  if (proof === undefined || proof.view !== state.round.view) return undefined;
  return startHeight(proof.statements) === state.height ? proof.proposal : undefined;
}
