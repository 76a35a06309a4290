/** The story of one height: every rule that may fire, in order, whenever anything about it has changed. */
import { toHex } from '@menglian/base/bytes';
import { emit } from '../output.js';
import type { HeightState, Replica } from '../state.js';
import { decideByCommits } from './decide.js';
import { castCheckpoint, commitWhenCertified, decideByWitnesses } from './result.js';
import { castCommit, castPrepare } from './vote.js';

export function advance(replica: Replica, state: HeightState): void {
  if (state.committing) return;
  castPrepare(replica, state);
  castCommit(replica, state);
  decideByCommits(state);
  decideByWitnesses(state);
  castCheckpoint(replica, state);
  commitWhenCertified(replica, state);
  askToExecute(replica, state);
}

/**
 * Execution starts as soon as the bodies are verified, while votes travel; for proposals that can still become the block.
 */
function askToExecute(replica: Replica, state: HeightState): void {
  for (const [key, candidate] of state.candidates) {
    if (candidate.verification !== 'verified' || candidate.executionAsked) continue;
    if (!canBecomeTheBlock(replica, state, key)) continue;
    candidate.executionAsked = true;
    emit(replica, {
      kind: 'execute',
      height: state.height,
      digest: candidate.digest,
      proposal: candidate.proposal,
    });
  }
}

function canBecomeTheBlock(replica: Replica, state: HeightState, key: string): boolean {
  const named = [state.round.digest, state.prepared?.digest, replica.safety.votes(state.height)?.result?.digest];
  return state.decided === undefined
    ? named.some((digest) => digest !== undefined && toHex(digest) === key)
    : state.decided === key;
}
