/** Bytes from peers: decode, find their place in heights and views, hand them to the file of their kind. */
import type { Input } from '@menglian/consensus-core/ports';
import type { NodeId } from '@menglian/types/address';
import { mayConcernViews, maySign } from './allowance.js';
import { parentPoint } from './chain.js';
import { decodeMessage } from './messageCodec.js';
import type { Heartbeat, Message, NewView, NewViewRequest, PrePrepare, ViewChange } from './messages.js';
import { onCheckpoint } from './normal/checkpoint.js';
import { onVote } from './normal/countVote.js';
import { placeOf } from './normal/place.js';
import { onPrePrepare } from './normal/prePrepare.js';
import { noteHeard, refuse, type Replica } from './state.js';
import { onHeartbeat, onNewViewRequest } from './viewChange/heartbeat.js';
import { onNewView } from './viewChange/newView.js';
import { askForNewView } from './viewChange/repair.js';
import { onViewChange } from './viewChange/viewChange.js';

type ViewMessage = ViewChange | NewView | Heartbeat | NewViewRequest;

export function onMessage(replica: Replica, input: Extract<Input, { kind: 'message' }>): void {
  const { from, payload } = input;
  if (from === replica.nodeId || !replica.head.sealers.includes(from)) return refuse(replica, 'notASealer');
  noteHeard(replica, from);
  const decoded = decodeMessage(payload);
  if (!decoded.ok) return refuse(replica, decoded.reason);
  dispatch(replica, from, decoded.value, payload.length);
}

/** Tries again what came too early; what is still early goes back into the cache. */
export function replayFutureMessages(replica: Replica): void {
  for (const { from, message, sizeBytes } of replica.future.take()) dispatch(replica, from, message, sizeBytes);
}

function dispatch(replica: Replica, from: NodeId, message: Message, sizeBytes: number): void {
  switch (message.kind) {
    case 'prePrepare':
      if (isProposalDue(replica, from, message, sizeBytes)) onPrePrepare(replica, from, message);
      break;
    case 'prepare':
    case 'commit':
      if (isDue(replica, from, message, sizeBytes, message, message.view)) onVote(replica, from, message);
      break;
    case 'checkpoint':
      if (isDue(replica, from, message, sizeBytes, message, undefined)) onCheckpoint(replica, from, message);
      break;
    default:
      onViewMessage(replica, from, message, sizeBytes);
  }
}

/** Messages about views: each costs signature checks whatever comes of it, so a peer has only so many. */
function onViewMessage(replica: Replica, from: NodeId, message: ViewMessage, sizeBytes: number): void {
  if (!mayConcernViews(replica, from)) return refuse(replica, 'tooManyViewMessages');
  switch (message.kind) {
    case 'viewChange':
      return onViewChange(replica, from, message, sizeBytes);
    case 'newView':
      return onNewView(replica, from, message, sizeBytes);
    case 'heartbeat':
      return onHeartbeat(replica, from, message);
    case 'newViewRequest':
      return onNewViewRequest(replica, from, message);
  }
}

/** A proposal is due when that of the height below is known, which it must name. */
function isProposalDue(replica: Replica, from: NodeId, message: PrePrepare, sizeBytes: number): boolean {
  const { proposal, view } = message;
  if (!isDue(replica, from, message, sizeBytes, proposal, view)) return false;
  if (parentPoint(replica, proposal.height) !== undefined) return true;
  replica.future.add(from, message, sizeBytes);
  return false;
}

/** Whether a message belongs to the present; an early one is kept, and the proof of its view asked for. */
function isDue(
  replica: Replica,
  from: NodeId,
  message: Message,
  sizeBytes: number,
  { epoch, height }: { readonly epoch: number; readonly height: number },
  view: number | undefined,
): boolean {
  if (replica.ownIndex === undefined) return false;
  if (!maySign(replica, from)) {
    refuse(replica, 'tooManyBadSignatures');
    return false;
  }
  const place = placeOf(replica, epoch, height, view);
  if (place === 'now') return true;
  if (view !== undefined && epoch === replica.safety.epoch) askForNewView(replica, from, view);
  if (place === 'future') replica.future.add(from, message, sizeBytes);
  else if (place === 'far') refuse(replica, 'tooEarly');
  return false;
}
