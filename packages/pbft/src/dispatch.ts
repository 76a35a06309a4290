/** Bytes from peers: decode, find their place in heights and views, hand them to the file of their kind. */
import type { Input } from '@menglian/consensus-core/ports';
import type { NodeId } from '@menglian/types/address';
import { decodeMessage } from './messageCodec.js';
import type { Message } from './messages.js';
import { onCheckpoint } from './normal/checkpoint.js';
import { onVote } from './normal/countVote.js';
import { placeOf } from './normal/place.js';
import { onPrePrepare } from './normal/prePrepare.js';
import { heightState, peerOf, refuse, type Replica } from './state.js';
import { onHeartbeat, onNewViewRequest } from './viewChange/heartbeat.js';
import { onNewView } from './viewChange/newView.js';
import { askForNewView } from './viewChange/repair.js';
import { onViewChange } from './viewChange/viewChange.js';

export function onMessage(replica: Replica, input: Extract<Input, { kind: 'message' }>): void {
  const { from, payload } = input;
  if (from === replica.nodeId || !replica.head.sealers.includes(from)) return refuse(replica, 'notASealer');
  // Whoever speaks is there, whatever the transport said last.
  peerOf(replica, from).downSinceMs = undefined;
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
      if (isDue(replica, from, message, sizeBytes, message.proposal.height, message.view)) {
        onPrePrepare(replica, message);
      }
      break;
    case 'prepare':
    case 'commit':
      if (isDue(replica, from, message, sizeBytes, message.height, message.view)) onVote(replica, message);
      break;
    case 'checkpoint':
      if (isDue(replica, from, message, sizeBytes, message.height, undefined)) {
        const signer = heightState(replica, message.height)!.sealers[message.signer];
        onCheckpoint(replica, message, signer === from);
      }
      break;
    case 'viewChange':
      onViewChange(replica, from, message);
      break;
    case 'newView':
      onNewView(replica, from, message);
      break;
    case 'heartbeat':
      onHeartbeat(replica, from, message);
      break;
    case 'newViewRequest':
      onNewViewRequest(replica, from, message);
      break;
  }
}

/** Whether a message belongs to the present; an early one is kept, and the proof of its view asked for. */
function isDue(
  replica: Replica,
  from: NodeId,
  message: Message,
  sizeBytes: number,
  height: number,
  view: number | undefined,
): boolean {
  if (replica.ownIndex === undefined) return false;
  const place = placeOf(replica, height, view);
  if (place === 'now') return true;
  if (view !== undefined && view > replica.safety.view) askForNewView(replica, from, view);
  if (place === 'future') replica.future.add(from, message, sizeBytes);
  else if (place === 'far') refuse(replica, 'tooEarly');
  return false;
}
