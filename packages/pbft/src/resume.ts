/** The first step of a life: take up what the records say was under way. */
import { advance } from './normal/advance.js';
import { addCandidate, heightsFrom, isViewStable, type Replica } from './state.js';
import { adoptRequiredProposals } from './viewChange/enterView.js';
import { announceViewChange } from './viewChange/start.js';

export function resume(replica: Replica): void {
  adoptRequiredProposals(replica);
  for (const state of heightsFrom(replica, replica.head.height + 1)) {
    const { prepared, round } = state;
    if (prepared === undefined) continue;
    const candidate = addCandidate(state, prepared.digest, prepared.proposal);
    if (prepared.view !== round.view) continue;
    round.candidate = candidate;
    for (const { signer, signature } of prepared.votes) {
      round.prepares.set(signer, { digest: prepared.digest, signature });
    }
  }
  // Their bodies are durable beside them: verify and execute them again, so that their results can be signed again.
  advance(replica, replica.head.height + 1);
  if (!isViewStable(replica)) announceViewChange(replica);
}
