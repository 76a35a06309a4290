/** Advances one replica by one input. Nothing else decides what happens next. */
import { invariant } from '@menglian/base/invariant';
import type { Effect, Input } from '@menglian/consensus-core/ports';
import type { NodeId } from '@menglian/types/address';
import { noteLeaderGone, dueMs, tick } from './core/tick.js';
import { step } from './core/step.js';
import { transferLeadership } from './core/transfer.js';
import { executeNext, onExecuted } from './execute.js';
import { lineOf } from './line.js';
import { decodeMessage } from './messageCodec.js';
import { takeEffects } from './output.js';
import { reconcileMembership } from './reconcile.js';
import { decodeDataEntry, peerOf, refuseMessage, type Replica } from './replica.js';
import { castResults, commitCertified, onResult, repeatDueMs, repeatResults } from './result.js';
import { askToSeal, onSealed, proposeOwn } from './seal.js';
import { compactLog, onStored } from './stored.js';
import { acceptTail, forgetAsked, onProposalRejected, onProposalVerified, verifyNext } from './verify.js';

export function stepReplica(replica: Replica, input: Input): Effect[] {
  invariant(replica.started || input.kind === 'tick', 'raft/first-input-is-a-tick');
  replica.started = true;
  handle(replica, input);
  settle(replica);
  return takeEffects(replica);
}

function handle(replica: Replica, input: Input): void {
  switch (input.kind) {
    case 'tick':
      tick(replica.core, input.nowMs);
      return repeatResults(replica);
    case 'message':
      return onMessage(replica, input.from, input.payload);
    case 'pendingTransactions':
      replica.pendingTransactions = input.count;
      return;
    case 'sealed':
      return onSealed(replica, input, lineOf(replica));
    case 'proposalVerified':
      return onProposalVerified(replica, input);
    case 'proposalRejected':
      return onProposalRejected(replica, input, lineOf(replica));
    case 'executed':
      return onExecuted(replica, input);
    case 'stored':
      return onStored(replica, input.head);
    case 'peerUp':
      peerOf(replica, input.nodeId).isDown = false;
      return;
    case 'peerDown':
      peerOf(replica, input.nodeId).isDown = true;
      return noteLeaderGone(replica.core, input.nodeId);
    case 'retire':
      transferLeadership(replica.core, undefined);
      return;
  }
}

function onMessage(replica: Replica, from: NodeId, payload: Uint8Array): void {
  if (from === replica.nodeId) return refuseMessage(replica, 'fromItself');
  const decoded = decodeMessage(payload);
  if (!decoded.ok) return refuseMessage(replica, decoded.reason);
  const message = decoded.value;
  const peer = peerOf(replica, from);
  // Whoever speaks is there, whatever the transport said last.
  peer.isDown = false;
  if (message.kind === 'result') return onResult(replica, from, message);
  peer.term = message.term;
  if (message.kind === 'append') {
    for (const entry of message.entries) {
      if (replica.core.log.termAt(entry.index) === entry.term) continue;
      if (!decodeDataEntry(replica, entry)) return refuseMessage(replica, 'badEntry');
    }
  }
  step(replica.core, from, message);
}

/** Rules that follow from the state, whatever changed it. */
function settle(replica: Replica): void {
  tellLeader(replica);
  let line = lineOf(replica);
  verifyNext(replica, line);
  acceptTail(replica, line);
  proposeOwn(replica, line);
  reconcileMembership(replica);
  line = lineOf(replica);
  executeNext(replica, line);
  castResults(replica, line);
  commitCertified(replica, line);
  askToSeal(replica, line);
  compactLog(replica);
  const wakeAtMs = Math.min(dueMs(replica.core), repeatDueMs(replica));
  if (wakeAtMs !== replica.wakeAtMs) {
    replica.wakeAtMs = wakeAtMs;
    replica.effects.push({ kind: 'wakeAt', atMs: wakeAtMs });
  }
}

function tellLeader(replica: Replica): void {
  const { term, leader } = replica.core;
  const { toldLeader } = replica;
  if (leader === undefined || (toldLeader?.term === term && toldLeader.leader === leader)) return;
  replica.toldLeader = { term, leader };
  replica.sealRequest = undefined;
  forgetAsked(replica);
  const { height, order } = replica.head;
  replica.effects.push({ kind: 'viewEntered', epoch: order.epoch, height: height + 1, view: term, leader });
}
