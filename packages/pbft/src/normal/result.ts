/**
 * Results. A replica signs the executed header of a height only after the order of that height is decided, so f + 1
 * matching signatures prove the decision and q of them are the block's signature list. README, "Why the result is
 * signed last", says what goes wrong when they are signed earlier.
 */
import { equalBytes, toHex } from '@menglian/base/bytes';
import type { NodeId } from '@menglian/types/address';
import { certifiedHeight, parentOf } from '../chain.js';
import { broadcast, emit, persist } from '../output.js';
import type { Candidate, HeightState, Replica } from '../state.js';
import { noteProgress } from '../viewChange/timer.js';
import { decide } from './decide.js';

/** f + 1 signers of our own result: one of them is honest and has seen the decision, even if we have not. */
export function decideByWitnesses(replica: Replica, state: HeightState): void {
  if (state.decided !== undefined) return;
  for (const candidate of executedCandidates(state)) {
    if (matchingResults(state, candidate).length >= state.witness) decide(replica, state, toHex(candidate.digest));
  }
}

/** Signs the result of the decided height, once, whatever views come. */
export function castCheckpoint(replica: Replica, state: HeightState): void {
  if (replica.ownIndex === undefined || state.checkpointPayload !== undefined) return;
  const candidate = decidedCandidate(state);
  if (candidate?.headerHash === undefined) return;
  const { digest, headerHash } = candidate;
  const { height } = state;
  const { epoch } = replica.head.order;
  // Signed another result before a restart: our own execution is not deterministic. Never sign a second one.
  if (replica.safety.judgeResult(height, headerHash) === 'refused') return;
  persist(replica, [replica.safety.recordResult(height, epoch, digest, headerHash)]);
  const signature = replica.crypto.sign(headerHash);
  const signer = replica.ownIndex;
  state.results.set(signer, { headerHash, signature });
  state.checkpointPayload = broadcast(replica, { kind: 'checkpoint', epoch, height, headerHash, signer, signature });
  state.round.sentMs = replica.nowMs;
}

/** A quorum of signatures over our own result: store it, after its parent. */
export function commitWhenCertified(replica: Replica, state: HeightState): void {
  if (state.height > certifiedHeight(replica) + 1) return;
  for (const candidate of executedCandidates(state)) {
    const signers = matchingResults(state, candidate);
    if (signers.length < state.quorum) continue;
    if (parentOf(replica, state, candidate) === undefined) continue;
    decide(replica, state, toHex(candidate.digest));
    state.committing = true;
    noteProgress(replica);
    emit(replica, {
      kind: 'commit',
      height: state.height,
      digest: candidate.digest,
      proposal: candidate.proposal,
      headerHash: candidate.headerHash!,
      signatures: signers.map((index) => ({ index, signature: state.results.get(index)!.signature })),
    });
    return;
  }
}

/** Signers of this candidate's result, ascending. */
function matchingResults(state: HeightState, candidate: Candidate): number[] {
  const signers: number[] = [];
  for (const [signer, { headerHash }] of state.results) {
    if (equalBytes(headerHash, candidate.headerHash!)) signers.push(signer);
  }
  return signers.sort((a, b) => a - b);
}

function decidedCandidate(state: HeightState): Candidate | undefined {
  return state.decided === undefined ? undefined : state.candidates.get(state.decided);
}

function executedCandidates(state: HeightState): Candidate[] {
  return [...state.candidates.values()].filter((candidate) => candidate.headerHash !== undefined);
}

/** Tells of those signers, and of ourselves before a restart, whose result of the decided proposal differs from ours. */
export function reportDivergence(replica: Replica, state: HeightState, signers: readonly number[]): void {
  const ownHash = decidedCandidate(state)?.headerHash;
  if (ownHash === undefined) return;
  const { height } = state;
  const report = (nodeId: NodeId, otherHash: Uint8Array): void => {
    if (equalBytes(ownHash, otherHash)) return;
    emit(replica, { kind: 'evidence', evidence: { kind: 'divergentResult', nodeId, height, ownHash, otherHash } });
  };
  for (const signer of signers) report(state.sealers[signer]!, state.results.get(signer)!.headerHash);
  const before = replica.safety.votes(height)?.result?.headerHash;
  if (before !== undefined) report(replica.nodeId, before);
}
