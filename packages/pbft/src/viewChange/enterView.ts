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
  tellView(replica);
  restartTimer(replica);
  replica.replayFuture = true;
  adoptRequiredProposals(replica);
}

/**
 * The head has moved into another epoch: its sealers begin in view 0, whatever view the old ones were in. Nobody can carry
 * a view over, for its proof shows what the old sealers had prepared and nothing of the new ones (docs/adr/0010).
 */
export function beginEpoch(replica: Replica): void {
  replica.safety.beginEpoch(replica.head.order.epoch);
  replica.newView = undefined;
  replica.ownViewChange = undefined;
  replica.viewChanges.clear();
  tellView(replica);
}

function tellView(replica: Replica): void {
  const { epoch, view } = replica.safety;
  const { sealers } = replica.head;
  const height = replica.head.height + 1;
  const leader = sealers[leaderIndex(height, view, sealers.length)]!;
  emit(replica, { kind: 'viewEntered', epoch, height, view, leader });
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
