import type { NodeView, PeersChange, PeerView } from '@menglian/rpc/ports';
import type { NodeFacts } from './clientsProtocol.js';
import type { GroupLink } from './groupLink.js';

/** Calls of addPeers and erasePeers under way; each writes a file. */
const PEERS_CHANGES_MAX = 100;

/** What clients see of the node, kept up to date by the main thread. */
export class NodePicture {
  readonly groups = new Map<number, GroupLink>();
  readonly #facts: NodeFacts;
  readonly #topicsOf: (nodeId: string) => readonly string[];
  readonly #askChange: (number: number, change: 'add' | 'erase', peers: readonly string[]) => void;
  readonly #changes = new Map<number, (change: PeersChange) => void>();
  readonly #memberOf = new Set<number>();
  #peers: readonly PeerView[] = [];
  #configuredPeers: readonly string[];
  #nextChange = 0;

  constructor(
    facts: NodeFacts,
    components: {
      /** topics on which clients of a peer listen */
      readonly topicsOf: (nodeId: string) => readonly string[];
      /** the main thread, whose answer comes by `onPeersChange` */
      readonly askChange: (number: number, change: 'add' | 'erase', peers: readonly string[]) => void;
    },
  ) {
    this.#facts = facts;
    this.#configuredPeers = facts.configuredPeers;
    this.#topicsOf = components.topicsOf;
    this.#askChange = components.askChange;
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

  setConfiguredPeers(peers: readonly string[]): void {
    this.#configuredPeers = peers;
  }

  onPeersChange(number: number, change: PeersChange): void {
    this.#changes.get(number)?.(change);
    this.#changes.delete(number);
  }

  view(): NodeView {
    const { chainId, supportedVersion, isSm, build, self } = this.#facts;
    return {
      chainId,
      supportedVersion,
      isSm,
      build,
      self: () => ({ ...self, topics: this.#topicsOf(self.nodeId) }),
      peers: () => this.#peers.map((peer) => ({ ...peer, topics: this.#topicsOf(peer.nodeId) })),
      configuredPeers: () => this.#configuredPeers,
      groupList: () => [...this.groups.keys()].filter((groupId) => this.#memberOf.has(groupId)),
      groupStatus: (groupId) => (this.groups.has(groupId) ? 'RUNNING' : 'INEXISTENT'),
      changePeers: async (kind, peers) => this.#changePeers(kind, peers),
    };
  }

  async #changePeers(kind: 'add' | 'erase', peers: readonly string[]): Promise<PeersChange> {
    if (this.#changes.size >= PEERS_CHANGES_MAX) return { kind: 'refused', reason: 'too many changes under way' };
    return new Promise((resolve) => {
      const number = this.#nextChange++;
      this.#changes.set(number, resolve);
      this.#askChange(number, kind, peers);
    });
  }
}
