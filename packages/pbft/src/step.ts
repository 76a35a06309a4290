/** Advances one replica by one input. Nothing else decides what happens next. */
import { invariant } from '@menglian/base/invariant';
import type { Effect, Input } from '@menglian/consensus-core/ports';
import { onMessage, replayFutureMessages } from './dispatch.js';
import { onExecuted } from './normal/checkpoint.js';
import { askToSeal, onSealed } from './normal/seal.js';
import { onStored } from './normal/stored.js';
import { onProposalRejected, onProposalVerified } from './normal/verdict.js';
import { emit } from './output.js';
import { resume } from './resume.js';
import { isViewStable, noteHeard, peerOf, type Replica } from './state.js';
import { sendHeartbeat } from './viewChange/heartbeat.js';
import { assembleNewView } from './viewChange/newView.js';
import { startViewChange } from './viewChange/start.js';
import { nextViewToAsk, noteFailedTurn } from './viewChange/suspicion.js';
import { awaitedLeader, settleTimer, timeoutAtMs } from './viewChange/timer.js';
import { joinWitnessedView } from './viewChange/viewChange.js';

export function step(replica: Replica, input: Input): Effect[] {
  invariant(replica.started || input.kind === 'tick', 'pbft/first-input-is-a-tick');
  replica.effects = [];
  handle(replica, input);
  settle(replica);
  const effects = replica.effects;
  replica.effects = [];
  return effects;
}

function handle(replica: Replica, input: Input): void {
  switch (input.kind) {
    case 'tick':
      return onTick(replica, input.nowMs);
    case 'message':
      return onMessage(replica, input);
    case 'pendingTransactions':
      replica.pendingTransactions = input.count;
      return;
    case 'sealed':
      return onSealed(replica, input);
    case 'proposalVerified':
      return onProposalVerified(replica, input);
    case 'proposalRejected':
      return onProposalRejected(replica, input);
    case 'executed':
      return onExecuted(replica, input);
    case 'stored':
      return onStored(replica, input.head);
    case 'peerUp':
      noteHeard(replica, input.nodeId);
      return;
    case 'peerDown':
      peerOf(replica, input.nodeId).downSinceMs ??= replica.nowMs;
      return;
    case 'retire':
      return;
  }
}

function onTick(replica: Replica, nowMs: number): void {
  excuseStall(replica, nowMs);
  replica.nowMs = Math.max(replica.nowMs, nowMs);
  if (!replica.started) {
    replica.started = true;
    replica.listeningSinceMs = replica.nowMs;
    resume(replica);
  }
  const timeoutMs = timeoutAtMs(replica);
  if (timeoutMs !== undefined && timeoutMs <= replica.nowMs) {
    if (isViewStable(replica)) noteFailedTurn(replica, awaitedLeader(replica));
    replica.timer.cycle++;
    startViewChange(replica, nextViewToAsk(replica));
  }
  if (replica.heartbeatDueMs <= replica.nowMs) sendHeartbeat(replica);
}

/**
 * A tick that comes much later than asked for means that this process did not run: busy with a block, stopped, starved.
 * The messages of that time are still waiting to be read, so it must not count against anybody.
 */
function excuseStall(replica: Replica, nowMs: number): void {
  const { timer, wakeAtMs, timing } = replica;
  const lateMs = wakeAtMs === undefined ? 0 : nowMs - wakeAtMs;
  if (lateMs <= timing.heartbeatIntervalMs) return;
  if (timer.startedMs !== undefined) timer.startedMs += lateMs;
  replica.listeningSinceMs += lateMs;
  for (const peer of replica.peers.values()) peer.heardMs += lateMs;
}

/** Rules that follow from the state, whatever changed it. */
function settle(replica: Replica): void {
  do {
    if (replica.replayFuture) {
      replica.replayFuture = false;
      replayFutureMessages(replica);
    }
    joinWitnessedView(replica);
    assembleNewView(replica);
  } while (replica.replayFuture);
  askToSeal(replica);
  settleTimer(replica);
  const timeoutMs = timeoutAtMs(replica);
  const wakeAtMs = Math.min(replica.heartbeatDueMs, timeoutMs ?? Infinity);
  if (wakeAtMs !== replica.wakeAtMs) {
    replica.wakeAtMs = wakeAtMs;
    emit(replica, { kind: 'wakeAt', atMs: wakeAtMs });
  }
}
