/** The first step of a life: take up what the records say was under way. */
import { addCandidate, isViewStable, nextHeight, type Replica } from './state.js';
import { askToVerify } from './normal/prePrepare.js';
import { voteOnRequiredProposal } from './viewChange/enterView.js';
import { announceViewChange } from './viewChange/start.js';

export function resume(replica: Replica): void {
  voteOnRequiredProposal(replica);
  const state = nextHeight(replica);
  const { prepared, round } = state;
  if (prepared !== undefined) {
    const candidate = addCandidate(state, prepared.digest, prepared.proposal);
    if (prepared.view === round.view) {
      round.digest = prepared.digest;
      for (const { signer, signature } of prepared.votes) {
        round.prepares.set(signer, { digest: prepared.digest, signature });
      }
    }
    // Its bodies are durable beside it: verify and execute it again, so that its result can be signed again.
    if (candidate.verification === 'unknown') askToVerify(replica, state, prepared.digest, true);
  }
  if (!isViewStable(replica)) announceViewChange(replica);
}
