import type { NodeView, PeerView } from '@menglian/rpc/ports';
import type { NodeFacts } from './clientsProtocol.js';
import type { GroupLink } from './groupLink.js';

/** What clients see of the node, kept up to date by the main thread. */
export class NodePicture {
  readonly groups = new Map<number, GroupLink>();
  readonly #facts: NodeFacts;
  readonly #topicsOf: (nodeId: string) => readonly string[];
  readonly #memberOf = new Set<number>();
  #peers: readonly PeerView[] = [];

  /** @param topicsOf topics on which clients of a peer listen */
  constructor(facts: NodeFacts, topicsOf: (nodeId: string) => readonly string[]) {
    this.#facts = facts;
    this.#topicsOf = topicsOf;
  }

  setMember(groupId: number, isMember: boolean): void {
    if (isMember) this.#memberOf.add(groupId);
    else this.#memberOf.delete(groupId);
  }

  /** @returns who came and who went since the last call */
  setPeers(peers: readonly PeerView[]): { readonly up: readonly string[]; readonly down: readonly string[] } {
    const before = new Set(this.#peers.map(({ nodeId }) => nodeId));
    const after = new Set(peers.map(({ nodeId }) => nodeId));
    this.#peers = peers;
    return {
      up: [...after].filter((nodeId) => !before.has(nodeId)),
      down: [...before].filter((nodeId) => !after.has(nodeId)),
    };
  }

  view(): NodeView {
    const { chainId, supportedVersion, isSm, build, self, configuredPeers } = this.#facts;
    return {
      chainId,
      supportedVersion,
      isSm,
      build,
      self: () => ({ ...self, topics: this.#topicsOf(self.nodeId) }),
      peers: () => this.#peers.map((peer) => ({ ...peer, topics: this.#topicsOf(peer.nodeId) })),
      configuredPeers: () => configuredPeers,
      groupList: () => [...this.groups.keys()].filter((groupId) => this.#memberOf.has(groupId)),
      groupStatus: (groupId) => (this.groups.has(groupId) ? 'RUNNING' : 'INEXISTENT'),
    };
  }
}
