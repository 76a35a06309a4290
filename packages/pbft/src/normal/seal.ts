/** The leader's part: ask for transactions, propose them. */
import { leaderIndex } from '@menglian/consensus-core/leader';
import type { Input, Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { broadcast, emit, persist } from '../output.js';
import { addCandidate, type HeightState, isViewStable, nextHeight, refuse, type Replica } from '../state.js';
import { isGroupAhead } from '../peers.js';
import { requiredProposal } from '../viewChange/requiredProposal.js';
import { restartTimer } from '../viewChange/timer.js';
import { proposalFault } from './proposalFault.js';
import { advance } from './advance.js';
import { signEnvelope } from './vote.js';

function isLeader(replica: Replica, state: HeightState): boolean {
  return leaderIndex(state.height, state.round.view, state.sealers.length) === replica.ownIndex;
}

/** Asks the host for a block when it is this node's turn and there is something to put into it. */
export function askToSeal(replica: Replica): void {
  const state = nextHeight(replica);
  const { round, height } = state;
  if (!isLeader(replica, state) || !isViewStable(replica) || replica.pendingTransactions === 0) return;
  if (round.sealAsked || round.digest !== undefined || state.committing || state.decided !== undefined) return;
  // After a restart the record knows of a proposal of this view that memory does not: another one would be a lie.
  const signed = replica.safety.votes(height);
  if (signed?.propose?.view === round.view || signed?.prepare?.view === round.view) return;
  if (isGroupAhead(replica)) return;
  round.sealAsked = true;
  emit(replica, {
    kind: 'seal',
    height,
    view: round.view,
    parentDigest: replica.head.order.digest,
    inFlight: 0,
    parentTimestampMs: replica.head.timestampMs,
    maxTransactions: replica.head.settings.maxTransactions,
  });
}

/** The host's answer: broadcast first, execute while prepares travel. */
export function onSealed(replica: Replica, input: Extract<Input, { kind: 'sealed' }>): void {
  const state = nextHeight(replica);
  const { round } = state;
  if (input.height !== state.height || input.view !== round.view || !isViewStable(replica)) return;
  if (!isLeader(replica, state) || round.digest !== undefined || requiredProposal(replica, state) !== undefined) return;
  const proposal: Proposal = {
    height: state.height,
    parentDigest: replica.head.order.digest,
    epoch: replica.head.order.epoch,
    timestampMs: input.timestampMs,
    sealer: replica.ownIndex!,
    sealers: state.sealers,
    transactionHashes: input.transactionHashes,
  };
  const fault = proposalFault(replica, state, proposal, replica.ownIndex!);
  if (fault !== undefined) {
    refuse(replica, `ownProposal:${fault}`);
    round.sealAsked = false;
    return;
  }
  const digest = proposalDigest(replica.crypto, replica.group, proposal);
  if (replica.safety.judge('propose', state.height, round.view, digest) !== 'new') return;
  round.digest = digest;
  addCandidate(state, digest, proposal).verification = 'verified';
  // The record of the second vote holds the first as well: one write for both.
  replica.safety.record('propose', state.height, round.view, digest);
  persist(replica, [replica.safety.record('prepare', state.height, round.view, digest)]);
  const signed = signEnvelope(replica, 'prePrepare', state.height, round.view, digest);
  round.sent.prePrepare = broadcast(replica, { kind: 'prePrepare', view: round.view, proposal, ...signed });
  round.sentMs = replica.nowMs;
  restartTimer(replica);
  advance(replica, state);
}
