/** The leader's part: ask for transactions, propose them. */
import { equalBytes } from '@menglian/base/bytes';
import { leaderIndex } from '@menglian/consensus-core/leader';
import type { Input, Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { isLinked, parentPoint } from '../chain.js';
import { broadcast, emit, persist } from '../output.js';
import { type HeightState, heightState, isViewStable, refuse, type Replica } from '../state.js';
import { isGroupAhead } from '../peers.js';
import { requiredProposal } from '../viewChange/requiredProposal.js';
import { proposalFault } from './proposalFault.js';
import { acceptProposal } from './prePrepare.js';
import { signEnvelope, slotOf } from './vote.js';

function isLeader(replica: Replica, state: HeightState): boolean {
  return leaderIndex(state.height, state.round.view, state.sealers.length) === replica.ownIndex;
}

/**
 * Asks the host for a block when it is this node's turn and there is something to put into it: at the lowest height that
 * has no proposal in this view, as soon as it is known what the heights below it hold.
 */
export function askToSeal(replica: Replica): void {
  if (!isViewStable(replica) || replica.pendingTransactions === 0 || isGroupAhead(replica)) return;
  const state = openHeight(replica);
  if (state === undefined || !isLeader(replica, state)) return;
  const { round, height } = state;
  const parent = parentPoint(replica, height);
  if (round.sealAsked || state.decided !== undefined || parent?.isVerified !== true) return;
  // After a restart the record knows of a proposal of this view that memory does not: another one would be a lie.
  const signed = replica.safety.votes(height);
  if (signed?.epoch === replica.head.order.epoch) {
    if (signed.propose?.view === round.view || signed.prepare?.view === round.view) return;
  }
  round.sealAsked = true;
  emit(replica, {
    kind: 'seal',
    height,
    view: round.view,
    parentDigest: parent.digest,
    inFlight: height - replica.head.height - 1,
    parentTimestampMs: parent.timestampMs,
    maxTransactions: replica.head.settings.maxTransactions,
  });
}

/** The lowest height in the window without a proposal; none above a block that is known to end the epoch. */
function openHeight(replica: Replica): HeightState | undefined {
  for (let height = replica.head.height + 1; ; height++) {
    const state = heightState(replica, height);
    if (state === undefined) return undefined;
    const { candidate } = state.round;
    if (candidate === undefined) return state.committing ? undefined : state;
    if (candidate.endsEpoch || !isLinked(replica, state, candidate)) return undefined;
  }
}

/** The host's answer: broadcast first, execute while prepares travel. */
export function onSealed(replica: Replica, input: Extract<Input, { kind: 'sealed' }>): void {
  const state = heightState(replica, input.height);
  if (state === undefined || input.view !== state.round.view || !isViewStable(replica)) return;
  const { round } = state;
  const parent = parentPoint(replica, input.height);
  if (parent === undefined || !equalBytes(parent.digest, input.parentDigest)) return;
  if (!isLeader(replica, state) || round.candidate !== undefined || requiredProposal(replica, state) !== undefined)
    return;
  const proposal: Proposal = {
    height: state.height,
    parentDigest: parent.digest,
    epoch: replica.head.order.epoch,
    timestampMs: input.timestampMs,
    sealer: replica.ownIndex!,
    sealers: state.sealers,
    transactionHashes: input.transactionHashes,
  };
  const fault = proposalFault(replica, state, proposal, parent, replica.ownIndex!);
  if (fault !== undefined) {
    refuse(replica, `ownProposal:${fault}`);
    round.sealAsked = false;
    return;
  }
  propose(replica, state, proposal);
}

function propose(replica: Replica, state: HeightState, proposal: Proposal): void {
  const { round } = state;
  const digest = proposalDigest(replica.crypto, replica.group, proposal);
  const slot = slotOf(replica, state);
  if (replica.safety.judge('propose', slot, digest) !== 'new') return;
  persist(replica, [replica.safety.record('propose', slot, digest)]);
  const signed = signEnvelope(replica, 'prePrepare', slot, digest);
  round.sent.prePrepare = broadcast(replica, { kind: 'prePrepare', view: round.view, proposal, ...signed });
  round.sentMs = replica.nowMs;
  acceptProposal(replica, state, digest, proposal, false);
}
