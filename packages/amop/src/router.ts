import { EMPTY_BYTES } from '@menglian/base/bytes';
import type { NodeId } from '@menglian/types/address';
import { Bandwidth } from './bandwidth.js';
import { AmopResult } from './codes.js';
import { BODY_BYTES_MAX } from './limits.js';
import { type AmopMessage, decodeMessage, encodeMessage } from './messages.js';
import { Peers } from './peers.js';
import type { AmopPorts, SessionNumber, TopicStatus } from './ports.js';
import { Publications } from './publications.js';
import { Relays } from './relays.js';
import { SessionDeliveries } from './sessionDeliveries.js';
import { Subscriptions } from './subscriptions.js';
import { textOfTopic, type Topic, topicOfBody, topicOfText } from './topics.js';
import { TopicTelling } from './topicTelling.js';
import { Verification } from './verification.js';

export interface AmopOptions {
  readonly nodeId: NodeId;
  /** Megabits a second that sessions may publish; no limit when it is left out. */
  readonly bandwidthMbits?: number;
}

/** Bytes around a body in a message between nodes, for the bandwidth limit. */
const ENVELOPE_BYTES = 64;

/**
 * AMOP of one node: messages from clients to clients, by topic, over the nodes that they are connected to. What it does
 * is in docs/amop.md. Has no clock and no sockets of its own; no input from clients or peers makes it throw.
 */
export class AmopRouter {
  readonly #ports: AmopPorts;
  readonly #peers = new Peers();
  readonly #subscriptions = new Subscriptions();
  readonly #deliveries: SessionDeliveries;
  readonly #publications: Publications;
  readonly #relays: Relays;
  readonly #verification: Verification;
  readonly #telling: TopicTelling;
  readonly #bandwidth: Bandwidth;
  #lastDelivery = 0;

  constructor(ports: AmopPorts, options: AmopOptions) {
    const nextDelivery = () => ++this.#lastDelivery;
    const [peers, subscriptions] = [this.#peers, this.#subscriptions];
    const deliveries = new SessionDeliveries(ports, subscriptions, nextDelivery);
    this.#ports = ports;
    this.#deliveries = deliveries;
    this.#publications = new Publications({ nodeId: options.nodeId, ports, peers, subscriptions, deliveries });
    this.#relays = new Relays(ports, peers, deliveries);
    this.#verification = new Verification(ports, peers, subscriptions, nextDelivery);
    this.#telling = new TopicTelling(ports, peers, subscriptions);
    this.#bandwidth = new Bandwidth(options.bandwidthMbits, ports.nowMs());
  }

  /** A session reports its topics (type 0x32), which replace those it had. */
  onTopics(session: SessionNumber, topics: readonly string[]): void {
    const { isNews, ignored } = this.#subscriptions.replace(session, topics);
    if (ignored > 0)
      this.#ports.log(
        'warning',
        `session ${session} reported ${ignored} topics that are too long or too many; ignored`,
      );
    if (!isNews) return;
    this.#telling.onTopicsChanged();
    this.#verification.onPublishers();
  }

  /** What it published is forgotten, what was pushed to it goes to another session. */
  onSessionClosed(session: SessionNumber): void {
    const { isNews } = this.#subscriptions.replace(session, []);
    this.#publications.onSessionClosed(session);
    this.#deliveries.onSessionClosed(session);
    if (isNews) this.#telling.onTopicsChanged();
  }

  /** A unicast of a session (type 0x30). Without a topic it has no answer. */
  publish(session: SessionNumber, seq: Uint8Array, body: Uint8Array): void {
    const topic = topicOfBody(body);
    if (topic === undefined) return;
    if (!this.#mayLeave(body, 1)) return this.#ports.reply(session, seq, AmopResult.overLimit, EMPTY_BYTES);
    this.#publications.start(session, topic, seq, body);
  }

  /** A multicast of a session (type 0x35). Its answer does not wait for anybody. Without a topic it has none. */
  multicast(session: SessionNumber, seq: Uint8Array, body: Uint8Array): void {
    const topic = topicOfBody(body);
    if (topic === undefined) return;
    const receivers = this.#peers.receivers(topic);
    if (!this.#mayLeave(body, receivers.length))
      return this.#ports.reply(session, seq, AmopResult.overLimit, EMPTY_BYTES);
    this.#ports.reply(session, seq, AmopResult.ok, body);
    this.#pushToSessions(topic, seq, body, session);
    if (receivers.length === 0) return;
    const message = encodeMessage({ kind: 'multicast', seq, body });
    for (const nodeId of receivers) this.#ports.sendToPeer(nodeId, message);
  }

  /** What a session answered to a push; unknown and late numbers are ignored. */
  onAnswer(delivery: number, result: number, body: Uint8Array): void {
    this.#deliveries.onAnswer(delivery, { result, body });
  }

  /** What a publisher found out about a subscriber (type 0x38). */
  onTopicStatus(status: TopicStatus): void {
    const topic = topicOfText(status.topic);
    if (topic !== undefined) this.#peers.get(status.nodeId)?.topics.judge(topic, status.checkResult === 0);
  }

  onPeerUp(nodeId: NodeId): void {
    this.onPeerDown(nodeId);
    this.#peers.add(nodeId);
    this.#telling.onPeerUp(nodeId);
  }

  onPeerDown(nodeId: NodeId): void {
    this.#relays.onPeerDown(nodeId);
    this.#peers.remove(nodeId);
    this.#telling.onPeerDown(nodeId);
    this.#publications.onPeerDown(nodeId);
  }

  /** Any bytes of a peer. What is no message is dropped. */
  onPeerMessage(nodeId: NodeId, payload: Uint8Array): void {
    const peer = this.#peers.get(nodeId);
    if (peer === undefined) return;
    const message = decodeMessage(payload);
    if (message.ok) return this.#handle(nodeId, message.value);
    if (peer.isReported) return;
    peer.isReported = true;
    this.#ports.log('warning', `${nodeId.slice(0, 8)} sent what is no AMOP message (${message.reason}); dropped`);
  }

  /** Topics of a peer's sessions, but private ones only when they are verified. */
  topicsOf(nodeId: NodeId): readonly string[] {
    return (this.#peers.get(nodeId)?.topics.usable() ?? []).map(textOfTopic);
  }

  #handle(from: NodeId, message: AmopMessage): void {
    switch (message.kind) {
      case 'topics':
        this.#peers.get(from)?.topics.replace(message.topics);
        return this.#verification.onTopicsOf(from);
      case 'request':
        return this.#relays.onRequest(from, message);
      case 'response':
        return this.#publications.onResponse(from, message.number, message);
      case 'failure':
        return this.#publications.onFailure(from, message.number, message.reason);
      case 'multicast': {
        const topic = topicOfBody(message.body);
        if (topic !== undefined) this.#pushToSessions(topic, message.seq, message.body, undefined);
      }
    }
  }

  #pushToSessions(topic: Topic, seq: Uint8Array, body: Uint8Array, publisher: SessionNumber | undefined): void {
    for (const session of this.#subscriptions.receivers(topic, publisher)) {
      this.#ports.pushMulticast(session, seq, body);
    }
  }

  #mayLeave(body: Uint8Array, copies: number): boolean {
    if (body.length > BODY_BYTES_MAX) return false;
    return this.#bandwidth.take((body.length + ENVELOPE_BYTES) * copies, this.#ports.nowMs());
  }
}
