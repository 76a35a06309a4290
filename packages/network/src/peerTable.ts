import type { NodeId } from '@menglian/types/address';
import type { PeerLink } from './peerLink.js';
import type { PeerEvent, PeerInfo } from './ports.js';

/**
 * One link for each peer. Both sides dial, so two connections to one peer are usual at start; both sides must keep the
 * same one without asking. They keep the one that the node with the smaller id dialled; of two from the same side the
 * younger, because a node that dials again has lost the older.
 */
export class PeerTable {
  readonly #ownNodeId: NodeId;
  readonly #onPeer: (event: PeerEvent) => void;
  readonly #links = new Map<NodeId, PeerLink>();

  constructor(ownNodeId: NodeId, onPeer: (event: PeerEvent) => void) {
    this.#ownNodeId = ownNodeId;
    this.#onPeer = onPeer;
  }

  get(nodeId: NodeId): PeerLink | undefined {
    return this.#links.get(nodeId);
  }

  has(nodeId: NodeId): boolean {
    return this.#links.has(nodeId);
  }

  links(): PeerLink[] {
    return [...this.#links.values()];
  }

  /** Sorted by node id. */
  peers(): PeerInfo[] {
    return this.links()
      .map(({ peer }) => peer)
      .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  }

  /** A link became ready. The peer goes up with its first one; a better one replaces it unnoticed. */
  add(link: PeerLink): void {
    const { nodeId } = link.peer;
    const current = this.#links.get(nodeId);
    if (current === undefined) {
      this.#links.set(nodeId, link);
      this.#onPeer({ kind: 'up', peer: link.peer });
    } else if (this.#replaces(link, current)) {
      this.#links.set(nodeId, link);
      current.retire(link);
    } else {
      link.retire(current);
      // The peer may have dialled because it lost the current link.
      current.probe();
    }
  }

  /** A link ended. @returns whether its peer went down with it */
  remove(link: PeerLink): boolean {
    const { nodeId } = link.peer;
    if (this.#links.get(nodeId) !== link) return false;
    this.#links.delete(nodeId);
    this.#onPeer({ kind: 'down', peer: link.peer });
    return true;
  }

  #replaces(link: PeerLink, current: PeerLink): boolean {
    const { direction } = link.connection;
    if (direction === current.connection.direction) return true;
    return direction === (this.#ownNodeId < link.peer.nodeId ? 'outbound' : 'inbound');
  }
}
