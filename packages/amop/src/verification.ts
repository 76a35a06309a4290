import type { NodeId } from '@menglian/types/address';
import { VERIFICATIONS_PER_PEER_MAX, VERIFICATION_INTERVAL_MS } from './limits.js';
import type { PrivateTopic } from './peerTopics.js';
import type { Peer, Peers } from './peers.js';
import { type AmopPorts, takeRandom } from './ports.js';
import type { Subscriptions } from './subscriptions.js';
import { pushChannelOf, textOfTopic } from './topics.js';

/**
 * Asks local publishers of private topics to verify the subscribers that peers have. What they find out comes back as a
 * status of its own; their answer to the request itself says nothing.
 */
export class Verification {
  readonly #ports: AmopPorts;
  readonly #peers: Peers;
  readonly #subscriptions: Subscriptions;
  readonly #nextDelivery: () => number;
  #isWaiting = false;

  constructor(ports: AmopPorts, peers: Peers, subscriptions: Subscriptions, nextDelivery: () => number) {
    this.#ports = ports;
    this.#peers = peers;
    this.#subscriptions = subscriptions;
    this.#nextDelivery = nextDelivery;
  }

  /** Tries what is new, and goes on trying every few seconds until nothing is left to be verified. */
  run(): void {
    let isPending = false;
    for (const [nodeId, peer] of this.#peers.entries()) {
      const unverified = peer.topics.unverified();
      if (unverified.length > 0) isPending = true;
      for (const privateTopic of unverified) this.#ask(nodeId, peer, privateTopic);
    }
    if (!isPending || this.#isWaiting) return;
    this.#isWaiting = true;
    this.#ports.after(VERIFICATION_INTERVAL_MS, () => this.#onInterval());
  }

  #onInterval(): void {
    this.#isWaiting = false;
    for (const [, peer] of this.#peers.entries()) {
      peer.verifications = 0;
      for (const privateTopic of peer.topics.unverified()) privateTopic.askedChannel = undefined;
    }
    this.run();
  }

  #ask(nodeId: NodeId, peer: Peer, privateTopic: PrivateTopic): void {
    const { topic, channel } = privateTopic;
    if (channel === undefined || channel === privateTopic.askedChannel) return;
    const publishers = this.#subscriptions.receivers(pushChannelOf(topic), undefined);
    const request = { nodeId, topic: textOfTopic(topic), topicForCert: textOfTopic(channel) };
    while (peer.verifications < VERIFICATIONS_PER_PEER_MAX) {
      const session = takeRandom(publishers, this.#ports.random);
      if (session === undefined) return;
      if (!this.#ports.pushCertification(session, this.#nextDelivery(), request)) continue;
      peer.verifications++;
      privateTopic.askedChannel = channel;
      peer.topics.moveBack(privateTopic);
      return;
    }
  }
}
