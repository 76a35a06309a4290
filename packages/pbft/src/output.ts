/** How effects leave a replica: one place for the order "record, then send". */
import type { ConsensusRecord, Effect, Proposal } from '@menglian/consensus-core/ports';
import type { NodeId } from '@menglian/types/address';
import { encodeMessage } from './messageCodec.js';
import type { Message } from './messages.js';
import type { Replica } from './state.js';

export function emit(replica: Replica, effect: Effect): void {
  replica.effects.push(effect);
}

/** Writes records, and with them the deletions that waited. Call before the send that depends on it. */
export function persist(
  replica: Replica,
  records: readonly ConsensusRecord[],
  bodiesOf?: readonly { readonly digest: Uint8Array; readonly proposal: Proposal }[],
): void {
  const all = [...replica.deletions, ...records];
  replica.deletions = [];
  emit(
    replica,
    bodiesOf === undefined ? { kind: 'persist', records: all } : { kind: 'persist', records: all, bodiesOf },
  );
}

/** Sends to every other sealer of the next height. @returns the bytes, for repeats */
export function broadcast(replica: Replica, message: Message): Uint8Array {
  const payload = encodeMessage(message);
  broadcastPayload(replica, payload);
  return payload;
}

export function broadcastPayload(replica: Replica, payload: Uint8Array): void {
  const to = replica.head.sealers.filter((sealer) => sealer !== replica.nodeId);
  if (to.length > 0) emit(replica, { kind: 'send', to, payload });
}

export function sendTo(replica: Replica, to: NodeId, message: Message): void {
  emit(replica, { kind: 'send', to: [to], payload: encodeMessage(message) });
}
