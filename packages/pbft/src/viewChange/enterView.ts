import { leaderIndex } from '@menglian/consensus-core/leader';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { encodeMessage } from '../messageCodec.js';
import type { NewView } from '../messages.js';
import { acceptProposal } from '../normal/prePrepare.js';
import { emit, persist } from '../output.js';
import { createRound, heightState, type Replica } from '../state.js';
import { requiredProposal } from './requiredProposal.js';
import { restartTimer } from './timer.js';

/** Key of the record that holds the proof of the view worked in. */
export const NEW_VIEW_KEY = 'newView';

/**
 * Works in a proven view from now on, and votes again on what its proof demands.
 * @param announce sends the proof, once it is durable
 */
export function enterView(replica: Replica, proof: NewView, announce: () => void): void {
  const { view } = proof;
  persist(replica, [replica.safety.enterView(view), { key: NEW_VIEW_KEY, value: encodeMessage(proof) }]);
  announce();
  replica.newView = proof;
  replica.ownViewChange = undefined;
  for (const [sealer, { statement }] of replica.viewChanges) {
    if (statement.view <= view) replica.viewChanges.delete(sealer);
  }
  for (const state of replica.heights.values()) state.round = createRound(view);
  const { sealers, height } = replica.head;
  const leader = sealers[leaderIndex(height + 1, view, sealers.length)]!;
  emit(replica, { kind: 'viewEntered', height: height + 1, view, leader });
  restartTimer(replica);
  replica.replayFuture = true;
  adoptRequiredProposals(replica);
}

/** Takes up the proposals that the proof demands above our head; on entering, after a restart, and as the window moves. */
export function adoptRequiredProposals(replica: Replica): void {
  for (let height = replica.head.height + 1; ; height++) {
    const state = heightState(replica, height);
    const required = state === undefined ? undefined : requiredProposal(replica, state);
    if (state === undefined || required === undefined) return;
    if (state.committing || state.round.candidate !== undefined) continue;
    acceptProposal(replica, state, proposalDigest(replica.crypto, replica.group, required), required, true);
  }
}
