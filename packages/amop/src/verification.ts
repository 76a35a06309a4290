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

  /** A peer told its topics: tries what is new, and goes on every few seconds while any is not verified. */
  onTopicsOf(nodeId: NodeId): void {
    const peer = this.#peers.get(nodeId);
    if (peer !== undefined && this.#askAll(nodeId, peer)) this.#wait();
  }

  /** There may be a publisher now for what nobody could verify. */
  onPublishers(): void {
    for (const [nodeId, peer] of this.#peers.entries()) this.#askAll(nodeId, peer);
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#ports.after(VERIFICATION_INTERVAL_MS, () => this.#onInterval());
  }

  #onInterval(): void {
    this.#isWaiting = false;
    for (const [nodeId, peer] of this.#peers.entries()) {
      peer.verifications = 0;
      for (const privateTopic of peer.topics.unverified()) privateTopic.askedChannel = undefined;
      if (this.#askAll(nodeId, peer)) this.#wait();
    }
  }

  /** @returns true when the peer has topics that are not verified */
  #askAll(nodeId: NodeId, peer: Peer): boolean {
    const unverified = peer.topics.unverified();
    for (const privateTopic of unverified) this.#ask(nodeId, peer, privateTopic);
    return unverified.length > 0;
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
