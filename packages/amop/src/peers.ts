import type { NodeId } from '@menglian/types/address';
import { PeerTopics } from './peerTopics.js';
import type { Topic } from './topics.js';

export interface Peer {
  readonly topics: PeerTopics;
  /** Unicasts that it sent and that are not answered: how to end each, by the peer's number. */
  readonly relayed: Map<number, () => void>;
  /** Certifications asked for in this interval because of its topics. */
  verifications: number;
  /** It sent something that is not a message; the log has it once. */
  isReported: boolean;
}

/** Nodes whose link is up. */
export class Peers {
  readonly #peers = new Map<NodeId, Peer>();

  add(nodeId: NodeId): void {
    this.#peers.set(nodeId, { topics: new PeerTopics(), relayed: new Map(), verifications: 0, isReported: false });
  }

  remove(nodeId: NodeId): void {
    this.#peers.delete(nodeId);
  }

  get(nodeId: NodeId): Peer | undefined {
    return this.#peers.get(nodeId);
  }

  entries(): Iterable<[NodeId, Peer]> {
    return this.#peers.entries();
  }

  ids(): NodeId[] {
    return [...this.#peers.keys()];
  }

  receives(nodeId: NodeId, topic: Topic): boolean {
    return this.#peers.get(nodeId)?.topics.receives(topic) === true;
  }

  /** Those that messages to this topic may go to. */
  receivers(topic: Topic): NodeId[] {
    return this.ids().filter((nodeId) => this.receives(nodeId, topic));
  }
}
