import { EMPTY_BYTES } from '@menglian/base/bytes';
import type { NodeId } from '@menglian/types/address';
import { AmopResult } from './codes.js';
import { PEER_TIMEOUT_MS } from './limits.js';
import { encodeMessage, type FailureReason } from './messages.js';
import type { Peers } from './peers.js';
import { type AmopPorts, type SessionNumber, takeRandom } from './ports.js';
import type { Answer, SessionDeliveries } from './sessionDeliveries.js';
import type { Subscriptions } from './subscriptions.js';
import type { Topic } from './topics.js';
import { UnderWay } from './underWay.js';

interface Publication {
  readonly session: SessionNumber;
  readonly topic: Topic;
  readonly seq: Uint8Array;
  readonly body: Uint8Array;
  /** Nodes not tried yet; this node may be among them. */
  readonly candidates: NodeId[];
  /** Ends the attempt under way. */
  endAttempt: () => void;
}

interface Attempt {
  readonly publication: Publication;
  readonly peer: NodeId;
}

interface Components {
  readonly nodeId: NodeId;
  readonly ports: AmopPorts;
  readonly peers: Peers;
  readonly subscriptions: Subscriptions;
  readonly deliveries: SessionDeliveries;
}

/** Unicasts of this node's sessions: one candidate node after the other until one gives an answer. */
export class Publications {
  readonly #nodeId: NodeId;
  readonly #ports: AmopPorts;
  readonly #peers: Peers;
  readonly #subscriptions: Subscriptions;
  readonly #deliveries: SessionDeliveries;
  readonly #open = new Set<Publication>();
  readonly #underWay = new UnderWay<SessionNumber>();
  /** By the number of the request that was sent. */
  readonly #attempts = new Map<number, Attempt>();
  #requests = 0;

  constructor({ nodeId, ports, peers, subscriptions, deliveries }: Components) {
    this.#nodeId = nodeId;
    this.#ports = ports;
    this.#peers = peers;
    this.#subscriptions = subscriptions;
    this.#deliveries = deliveries;
  }

  /** The publisher has a reply in the end, unless its session closes before. */
  start(session: SessionNumber, topic: Topic, seq: Uint8Array, body: Uint8Array): void {
    const candidates = this.#peers.receivers(topic);
    if (this.#subscriptions.receivers(topic, session).length > 0) candidates.push(this.#nodeId);
    if (candidates.length === 0) return this.#ports.reply(session, seq, AmopResult.noNode, EMPTY_BYTES);
    if (!this.#underWay.take(session, body.length))
      return this.#ports.reply(session, seq, AmopResult.overLimit, EMPTY_BYTES);
    const publication: Publication = { session, topic, seq, body, candidates, endAttempt: () => {} };
    this.#open.add(publication);
    this.#tryNext(publication);
  }

  /** A peer answers for what it was asked itself, while it is asked; all else is ignored. */
  onResponse(from: NodeId, number: number, answer: Answer): void {
    const publication = this.#publicationOf(from, number);
    if (publication !== undefined) this.#finish(publication, answer);
  }

  onFailure(from: NodeId, number: number, reason: FailureReason): void {
    const publication = this.#publicationOf(from, number);
    if (publication === undefined) return;
    if (reason === 'busy') this.#tryNext(publication);
    else this.#finish(publication, undefined);
  }

  onPeerDown(nodeId: NodeId): void {
    const lost = [...this.#attempts].filter(([, { peer }]) => peer === nodeId);
    for (const [number, { publication }] of lost) if (this.#attempts.has(number)) this.#tryNext(publication);
  }

  /** Nobody waits for these answers any more. */
  onSessionClosed(session: SessionNumber): void {
    for (const publication of this.#open) if (publication.session === session) this.#close(publication);
  }

  #tryNext(publication: Publication): void {
    const { topic, seq, body, candidates } = publication;
    publication.endAttempt();
    for (;;) {
      const candidate = takeRandom(candidates, this.#ports.random);
      if (candidate === undefined) {
        return this.#finish(publication, { result: AmopResult.noNode, body: EMPTY_BYTES });
      }
      if (candidate === this.#nodeId) return this.#deliverHere(publication);
      if (!this.#peers.receives(candidate, topic)) continue;
      const number = ++this.#requests;
      const cancelTimer = this.#ports.after(PEER_TIMEOUT_MS, () => this.#tryNext(publication));
      publication.endAttempt = () => {
        cancelTimer();
        this.#attempts.delete(number);
      };
      this.#attempts.set(number, { publication, peer: candidate });
      if (this.#ports.sendToPeer(candidate, encodeMessage({ kind: 'request', number, seq, body }))) return;
      // Whoever sends may find the link down and say so before it returns: then another attempt is under way already.
      if (!this.#attempts.has(number)) return;
      publication.endAttempt();
    }
  }

  #deliverHere(publication: Publication): void {
    const { topic, seq, body, session } = publication;
    publication.endAttempt = () => {};
    const end = this.#deliveries.deliver({ topic, seq, body, publisher: session }, (answer) =>
      this.#finish(publication, answer),
    );
    publication.endAttempt = end;
  }

  #publicationOf(from: NodeId, number: number): Publication | undefined {
    const attempt = this.#attempts.get(number);
    return attempt?.peer === from ? attempt.publication : undefined;
  }

  /** @param answer undefined: the node that was asked has no session that answers, and no other node is asked */
  #finish(publication: Publication, answer: Answer | undefined): void {
    if (!this.#close(publication)) return;
    const { result, body } = answer ?? { result: AmopResult.noSession, body: publication.body };
    this.#ports.reply(publication.session, publication.seq, result, body);
  }

  /** @returns false when it was closed before */
  #close(publication: Publication): boolean {
    publication.endAttempt();
    if (!this.#open.delete(publication)) return false;
    this.#underWay.release(publication.session, publication.body.length);
    return true;
  }
}
