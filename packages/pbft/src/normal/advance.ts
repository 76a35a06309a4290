/** The story of the heights in flight: every rule that may fire, in order, whenever anything about them has changed. */
import { equalBytes, toHex } from '@menglian/base/bytes';
import { parentOf } from '../chain.js';
import { emit } from '../output.js';
import { type Candidate, type HeightState, heightsFrom, type Replica } from '../state.js';
import { decideByCommits } from './decide.js';
import { castCheckpoint, commitWhenCertified, decideByWitnesses } from './result.js';
import { askToVerify } from './verify.js';
import { castCommit, castPrepare } from './vote.js';

/** Whatever changes at a height may be what those above it wait for; nothing waits for what is above. */
export function advance(replica: Replica, height: number): void {
  for (const state of heightsFrom(replica, height)) {
    if (state.committing) continue;
    verifyCandidates(replica, state);
    castPrepare(replica, state);
    castCommit(replica, state);
    decideByCommits(replica, state);
    decideByWitnesses(replica, state);
    castCheckpoint(replica, state);
    commitWhenCertified(replica, state);
    askToExecute(replica, state);
  }
}

/** Bodies are checked in order of height, because what is in an ancestor may not be in its descendants. */
function verifyCandidates(replica: Replica, state: HeightState): void {
  for (const candidate of [state.round.candidate, preparedCandidate(state)]) {
    if (candidate?.verification !== 'unknown') continue;
    const parent = parentOf(replica, state, candidate);
    if (parent === 'head' || parent?.verification === 'verified') askToVerify(replica, state, candidate);
  }
}

function preparedCandidate(state: HeightState): Candidate | undefined {
  return state.prepared === undefined ? undefined : state.candidates.get(toHex(state.prepared.digest));
}

/**
 * Execution starts as soon as the bodies are verified and the parent is executed, while votes travel; for proposals that
 * can still become the block. Above a block that ends the epoch nothing is executed: it is void.
 */
function askToExecute(replica: Replica, state: HeightState): void {
  for (const [key, candidate] of state.candidates) {
    if (candidate.verification !== 'verified' || candidate.executionAsked) continue;
    if (!canBecomeTheBlock(replica, state, key, candidate)) continue;
    const parent = parentOf(replica, state, candidate);
    const isReady = parent === 'head' || (parent?.headerHash !== undefined && !parent.endsEpoch);
    if (!isReady) continue;
    candidate.executionAsked = true;
    emit(replica, {
      kind: 'execute',
      height: state.height,
      digest: candidate.digest,
      proposal: candidate.proposal,
    });
  }
}

function canBecomeTheBlock(replica: Replica, state: HeightState, key: string, candidate: Candidate): boolean {
  if (state.decided !== undefined) return state.decided === key;
  if (state.round.candidate === candidate) return true;
  const named = [state.prepared?.digest, replica.safety.votes(state.height)?.result?.digest];
  return named.some((digest) => digest !== undefined && equalBytes(digest, candidate.digest));
}
