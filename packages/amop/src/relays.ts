import { EMPTY_BYTES } from '@menglian/base/bytes';
import type { NodeId } from '@menglian/types/address';
import { AmopResult } from './codes.js';
import { BODY_BYTES_MAX } from './limits.js';
import { type AmopMessage, encodeMessage } from './messages.js';
import type { Peers } from './peers.js';
import type { AmopPorts } from './ports.js';
import type { Answer, SessionDeliveries } from './sessionDeliveries.js';
import { topicOfBody } from './topics.js';
import { UnderWay } from './underWay.js';

/** Unicasts that peers send to sessions of this node. */
export class Relays {
  readonly #ports: AmopPorts;
  readonly #peers: Peers;
  readonly #deliveries: SessionDeliveries;
  readonly #underWay = new UnderWay<NodeId>();

  constructor(ports: AmopPorts, peers: Peers, deliveries: SessionDeliveries) {
    this.#ports = ports;
    this.#peers = peers;
    this.#deliveries = deliveries;
  }

  onRequest(from: NodeId, { number, seq, body }: Extract<AmopMessage, { kind: 'request' }>): void {
    const relayed = this.#peers.get(from)?.relayed;
    if (relayed === undefined || relayed.has(number)) return;
    const topic = topicOfBody(body);
    if (topic === undefined) return this.#send(from, { kind: 'failure', number, reason: 'noSession' });
    if (!this.#underWay.take(from, body.length)) return this.#send(from, { kind: 'failure', number, reason: 'busy' });
    relayed.set(number, () => {});
    const end = this.#deliveries.deliver({ topic, seq, body }, (answer) => {
      relayed.delete(number);
      this.#underWay.release(from, body.length);
      this.#send(from, outcome(number, answer));
    });
    if (!relayed.has(number)) return;
    relayed.set(number, () => {
      end();
      this.#underWay.release(from, body.length);
    });
  }

  /** Nobody waits for these answers any more. */
  onPeerDown(nodeId: NodeId): void {
    const relayed = this.#peers.get(nodeId)?.relayed;
    for (const end of relayed?.values() ?? []) end();
    relayed?.clear();
  }

  #send(to: NodeId, message: AmopMessage): void {
    if (!this.#ports.sendToPeer(to, encodeMessage(message)))
      this.#ports.log('debug', `an answer for ${to.slice(0, 8)} is lost: its link is down or full`);
  }
}

function outcome(number: number, answer: Answer | undefined): AmopMessage {
  if (answer === undefined) return { kind: 'failure', number, reason: 'noSession' };
  if (answer.body.length <= BODY_BYTES_MAX) return { kind: 'response', number, ...answer };
  // It was delivered: another attempt would deliver it twice.
  return { kind: 'response', number, result: AmopResult.overLimit, body: EMPTY_BYTES };
}
