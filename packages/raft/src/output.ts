/** How effects leave a replica: what must be durable first, then what may only be said afterwards, then the rest. */
import { toHex } from '@menglian/base/bytes';
import type { Effect, Proposal } from '@menglian/consensus-core/ports';
import type { NodeId } from '@menglian/types/address';
import type { Entry } from './core/entry.js';
import type { Outgoing } from './core/messages.js';
import { takeReady } from './core/ready.js';
import { hintBehind } from './hint.js';
import { encodeMessage } from './messageCodec.js';
import { proposalOf, type Replica } from './replica.js';
import { recordsOf } from './records.js';

/** Everything that the step in progress asks for, in order. */
export function takeEffects(replica: Replica): Effect[] {
  const { write, messages, behind } = takeReady(replica.core);
  for (const { peer, height } of behind) hintBehind(replica, peer, height);
  const effects: Effect[] = [];
  const records = [...(write === undefined ? [] : recordsOf(write)), ...replica.records];
  if (records.length > 0) {
    const bodiesOf = write === undefined ? [] : bodiesWith(replica, write.entries);
    const all = [...replica.deletions, ...records];
    effects.push(bodiesOf.length > 0 ? { kind: 'persist', records: all, bodiesOf } : { kind: 'persist', records: all });
    replica.deletions = [];
    replica.records = [];
  }
  effects.push(...sendsOf(messages), ...replica.effects);
  replica.effects = [];
  return effects;
}

/** The transactions that an acknowledgement of these entries answers for. */
function bodiesWith(
  replica: Replica,
  entries: readonly Entry[],
): { readonly digest: Uint8Array; readonly proposal: Proposal }[] {
  return entries.flatMap((entry) => {
    if (entry.content.kind !== 'data') return [];
    const { key, digest, proposal } = proposalOf(replica, entry);
    return replica.blocks.get(key)?.verification === 'verified' ? [{ digest, proposal }] : [];
  });
}

/** Followers in step are sent the same bytes: one effect for all of them. */
function sendsOf(messages: readonly Outgoing[]): Effect[] {
  const sends = new Map<string, { readonly to: NodeId[]; readonly payload: Uint8Array }>();
  for (const { to, message } of messages) {
    // A leader's appends of one step differ by these alone; the others are small.
    const appendKey =
      message.kind === 'append'
        ? `append.${message.previous.index}.${message.entries.length}.${message.committed}`
        : undefined;
    const known = appendKey === undefined ? undefined : sends.get(appendKey);
    const payload = known?.payload ?? encodeMessage(message);
    const key = appendKey ?? toHex(payload);
    const send = sends.get(key);
    if (send === undefined) sends.set(key, { to: [to], payload });
    else if (!send.to.includes(to)) send.to.push(to);
  }
  return [...sends.values()].map((send) => ({ kind: 'send', ...send }));
}
