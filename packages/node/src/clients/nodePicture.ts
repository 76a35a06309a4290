import type {
  GroupOperation,
  GroupOperationResult,
  GroupStatus,
  NodeView,
  PeersChange,
  PeerView,
} from '@menglian/rpc/ports';
import type { NodeAnswer, NodeFacts, NodeQuestion } from './clientsProtocol.js';
import type { GroupLink } from './groupLink.js';

/** Questions to the main thread under way; some of them write files. */
const QUESTIONS_MAX = 100;

const BUSY = 'too many changes under way';

/** What clients see of the node, kept up to date by the main thread. */
export class NodePicture {
  readonly groups = new Map<number, GroupLink>();
  readonly #facts: NodeFacts;
  readonly #topicsOf: (nodeId: string) => readonly string[];
  readonly #ask: (number: number, question: NodeQuestion) => void;
  readonly #questions = new Map<number, (answer: NodeAnswer) => void>();
  readonly #memberOf = new Set<number>();
  #peers: readonly PeerView[] = [];
  #configuredPeers: readonly string[];
  #nextQuestion = 0;

  constructor(
    facts: NodeFacts,
    components: {
      /** topics on which clients of a peer listen */
      readonly topicsOf: (nodeId: string) => readonly string[];
      /** the main thread, whose answer comes by `onAnswer` */
      readonly ask: (number: number, question: NodeQuestion) => void;
    },
  ) {
    this.#facts = facts;
    this.#configuredPeers = facts.configuredPeers;
    this.#topicsOf = components.topicsOf;
    this.#ask = components.ask;
  }

  /** Who waits for an answer of the group gets a refusal. */
  removeGroup(groupId: number): void {
    this.groups.get(groupId)?.fail();
    this.groups.delete(groupId);
    this.#memberOf.delete(groupId);
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

  onAnswer(number: number, answer: NodeAnswer): void {
    this.#questions.get(number)?.(answer);
    this.#questions.delete(number);
  }

  view(): NodeView {
    const { chainId, supportedVersion, isSm, build, self, hasFixedGroups } = this.#facts;
    return {
      chainId,
      supportedVersion,
      isSm,
      build,
      self: () => ({ ...self, topics: this.#topicsOf(self.nodeId) }),
      peers: () => this.#peers.map((peer) => ({ ...peer, topics: this.#topicsOf(peer.nodeId) })),
      configuredPeers: () => this.#configuredPeers,
      groupList: () =>
        [...this.groups.keys()].filter((groupId) => this.#memberOf.has(groupId)).toSorted((a, b) => a - b),
      groupStatus: async (groupId) =>
        (await this.#answerTo<GroupStatus>({ kind: 'groupStatus', groupId })) ?? 'UNKNOWN',
      changeGroup: hasFixedGroups ? undefined : async (groupId, operation) => this.#changeGroup(groupId, operation),
      changePeers: async (change, peers) =>
        (await this.#answerTo<PeersChange>({ kind: 'changePeers', change, peers })) ?? {
          kind: 'refused',
          reason: BUSY,
        },
    };
  }

  async #changeGroup(groupId: number, operation: GroupOperation): Promise<GroupOperationResult> {
    const result = await this.#answerTo<GroupOperationResult>({ kind: 'changeGroup', groupId, operation });
    // The group and the main thread speak through different ports: who is told that it runs may ask it at once.
    if (operation.kind === 'start') await this.groups.get(groupId)?.opened();
    return result ?? { kind: 'failed', reason: BUSY };
  }

  /** @returns undefined where too many questions are under way */
  async #answerTo<Answer extends NodeAnswer>(question: NodeQuestion): Promise<Answer | undefined> {
    if (this.#questions.size >= QUESTIONS_MAX) return undefined;
    return new Promise((resolve) => {
      const number = this.#nextQuestion++;
      // The main thread answers each kind of question with its own kind of answer.
      this.#questions.set(number, (answer) => resolve(answer as Answer));
      this.#ask(number, question);
    });
  }
}
