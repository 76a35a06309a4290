/**
 * Raft's own promises, S10: one leader a term, one vote a term across restarts, logs that match, leaders that have what was
 * committed, acknowledgements and votes that are durable before they are sent, terms and commits that never fall.
 */
import { equalBytes, toHex } from '@menglian/base/bytes';
import { BinaryReader } from '@menglian/codec/binary';
import { readConfiguration } from '@menglian/raft/entryCodec';
import { decodeMessage, type Message } from '@menglian/raft/messageCodec';
import { decodeHardState } from '@menglian/raft/records';
import type { HardState } from '@menglian/raft/core/state';
import type { Configuration } from '@menglian/raft/core/configuration';
import type { Entry } from '@menglian/raft/core/entry';
import type { NodeId } from '@menglian/types/address';
import { describeHash } from '../chain.js';
import type { Checker } from '../checker.js';
import type { SimulatedNode } from '../node.js';
import type { World } from '../world.js';
import type { ProtocolChecks } from './protocolChecks.js';

type Voters = Pick<Configuration, 'voters' | 'outgoing'>;

/** A record of an entry: version, index, term, then the kind of its content. */
const CONTENT_OFFSET = 17;
const CONFIGURATION_CODE = 1;

type MessageOf<K extends Message['kind']> = Extract<Message, { kind: K }>;

export class RaftChecks implements ProtocolChecks {
  readonly #world: World;
  readonly #checker: Checker;
  readonly #leaders = new Map<number, number>();
  /** Whom each replica has voted for, by replica and term. */
  readonly #votes = new Map<string, NodeId>();
  /** What is at (index, term) of whatever log, and the term of the entry before it. */
  readonly #entries = new Map<string, string>();
  /** The term of the entry that was committed at each index. */
  readonly #committed = new Map<number, number>();
  /** The term of the leader that committed each. */
  readonly #committedIn = new Map<number, number>();
  #highestCommitted = 0;
  /** Changes of members that were sent, by index and term. */
  readonly #configurations = new Map<string, Voters>();
  /** Who votes, as far as the commit goes. */
  #voters: Voters;
  /** The furthest entry that each replica has acknowledged in its latest term. */
  readonly #acknowledged = new Map<
    number,
    { readonly term: number; readonly index: number; readonly termOfEntry: number | undefined }
  >();
  readonly #results = new Map<number, Uint8Array>();
  readonly #terms = new Map<number, number>();

  constructor(world: World, checker: Checker) {
    this.#world = world;
    this.#voters = { voters: world.rules.genesisMembers, outgoing: [] };
    this.#checker = checker;
  }

  onViewEntered(): void {
    this.#checker.mark('viewEntered');
  }

  onSend(node: SimulatedNode, payload: Uint8Array, to: readonly NodeId[]): void {
    const decoded = decodeMessage(payload);
    this.#checker.demand(decoded.ok, 'codec', node, 'sends what cannot be decoded');
    if (!decoded.ok) return;
    const message = decoded.value;
    this.#checker.mark(`sent:${message.kind}`);
    if (message.kind === 'result') return this.#onResult(node, message);
    this.#onTerm(node, message);
    if (message.kind === 'append') this.#onAppend(node, message);
    else if (message.kind === 'heartbeat' || message.kind === 'snapshot') this.#onLeader(node, message.term);
    else if (message.kind === 'voteResponse' && message.isGranted) this.#onVote(node, message.term, to[0]!);
    else if (message.kind === 'vote') this.#onVote(node, message.term, node.nodeId);
    else if (message.kind === 'appendResponse') this.#onAcknowledgement(node, message);
  }

  /** S8: terms never fall, across restarts; S9: a term is durable before it is used. */
  #onTerm(node: SimulatedNode, message: Exclude<Message, MessageOf<'result'>>): void {
    const isAboutNext = message.kind === 'preVote' || (message.kind === 'preVoteResponse' && message.isGranted);
    if (isAboutNext) return;
    const { term } = message;
    this.#checker.demand(term >= (this.#terms.get(node.index) ?? 0), 'S8', node, `speaks of term ${term}`);
    this.#terms.set(node.index, term);
    this.#checker.demand((this.#hardState(node)?.term ?? 0) >= term, 'S9', node, `term ${term}`);
    this.#keepsItsWord(node, term);
  }

  /** S9: what was acknowledged to the leader of a term stays on disk while that term lasts. */
  #keepsItsWord(node: SimulatedNode, term: number): void {
    const said = this.#acknowledged.get(node.index);
    if (said === undefined || said.term !== term || said.index < this.#lowestEntry(node)) return;
    const isThere = this.#termOfEntry(node, said.index) === said.termOfEntry;
    this.#checker.demand(isThere, 'S9', node, `has lost entry ${said.index}, acknowledged in term ${term}`);
  }

  #onVote(node: SimulatedNode, term: number, candidate: NodeId): void {
    const slot = `${node.index} ${term}`;
    const known = this.#votes.get(slot) ?? candidate;
    this.#votes.set(slot, known);
    this.#checker.demand(known === candidate, 'S5', node, `votes twice in term ${term}`);
    const state = this.#hardState(node);
    const isDurable = state !== undefined && (state.term > term || (state.term === term && state.vote === candidate));
    this.#checker.demand(isDurable, 'S9', node, `vote of term ${term}`);
  }

  /** Whoever sends as a leader. */
  #onLeader(node: SimulatedNode, term: number): void {
    const known = this.#leaders.get(term);
    if (known !== undefined)
      return this.#checker.demand(known === node.index, 'S10', node, `leads term ${term} of ${known}`);
    this.#leaders.set(term, node.index);
    this.#checker.mark('leader');
    // Leader completeness: what was committed in earlier terms and is not compacted away is in its log. A leader whose disk
    // is slow may speak up for the first time when a later term has committed more.
    const lowest = this.#lowestEntry(node);
    for (const [index, termOfEntry] of this.#committed) {
      if (index < lowest || this.#committedIn.get(index)! >= term) continue;
      const own = this.#termOfEntry(node, index);
      this.#checker.demand(own === termOfEntry, 'S10', node, `leads term ${term} without committed entry ${index}`);
    }
  }

  #onAppend(node: SimulatedNode, { term, previous, entries, committed }: MessageOf<'append'>): void {
    this.#onLeader(node, term);
    let before = previous.term;
    for (const entry of entries) {
      this.#logsMatch(node, entry, before);
      before = entry.term;
    }
    if (committed <= this.#highestCommitted) return;
    this.#commitsOwnTerm(node, term, committed);
    for (let index = this.#highestCommitted + 1; index <= committed; index++) {
      const own = this.#termOfEntry(node, index);
      if (own === undefined) continue;
      this.#committed.set(index, own);
      this.#committedIn.set(index, term);
      this.#voters = this.#configurations.get(`${index} ${own}`) ?? this.#voters;
    }
    this.#highestCommitted = committed;
    this.#isHeldByMajorities(node, committed);
  }

  /**
   * What nobody has heard or written of before was committed by this leader's own counting, which begins with an entry of
   * its own term (§5.4.2: figure 8 is what happens otherwise).
   */
  #commitsOwnTerm(node: SimulatedNode, term: number, committed: number): void {
    const termOfEntry = this.#termOfEntry(node, committed);
    if (termOfEntry === undefined || termOfEntry === term) return;
    const isKnown = this.#world.nodes.some((other) => (this.#hardState(other)?.committed ?? 0) >= committed);
    this.#checker.demand(isKnown, 'S10', node, `commits entry ${committed} of term ${termOfEntry} in term ${term}`);
  }

  /**
   * What is committed is on the disks of a majority of the voters, and of those before while they change (§6). The leader
   * counts by the latest configuration in its log; what it learned to be committed was counted by an earlier one.
   */
  #isHeldByMajorities(node: SimulatedNode, index: number): void {
    const term = this.#committed.get(index);
    if (term === undefined) return;
    const isHeld = [this.#voters, this.#latestConfiguration(node, index)].some((configuration) =>
      [configuration.voters, configuration.outgoing].every((voters) => {
        const holders = voters.filter((nodeId) => this.#holds(nodeId, index, term));
        return voters.length === 0 || 2 * holders.length > voters.length;
      }),
    );
    this.#checker.demand(isHeld, 'S10', node, `commits entry ${index}, which no majority holds`);
  }

  #holds(nodeId: NodeId, index: number, term: number): boolean {
    const [holder] = this.#world.nodesOf(nodeId);
    return this.#termOfEntry(holder!, index) === term || this.#lowestEntry(holder!) > index;
  }

  /** The last change of members in a leader's log above `index`; the one committed when there is none. */
  #latestConfiguration(node: SimulatedNode, index: number): Voters {
    let latest = this.#voters;
    for (let above = index + 1; ; above++) {
      const term = this.#termOfEntry(node, above);
      if (term === undefined) return latest;
      const value = node.disk.get(`raft.entry.${above}`)!;
      if (value[CONTENT_OFFSET] !== CONFIGURATION_CODE) continue;
      const reader = new BinaryReader(value.subarray(CONTENT_OFFSET + 1));
      latest = readConfiguration(reader);
    }
  }

  /** The same index and term, the same content, and the same before it. */
  #logsMatch(node: SimulatedNode, { index, term, content }: Entry, before: number): void {
    const described = `${before} ${content.kind} ${content.kind === 'data' ? toHex(content.data) : JSON.stringify(content)}`;
    const key = `${index} ${term}`;
    if (content.kind === 'configuration') this.#configurations.set(key, content.configuration);
    const known = this.#entries.get(key) ?? described;
    this.#entries.set(key, known);
    this.#checker.demand(known === described, 'S10', node, `sends another entry ${index} of term ${term}`);
  }

  /** S9: everything acknowledged is on disk, as the leader of this term has it. */
  #onAcknowledgement(node: SimulatedNode, { term, index, hint }: MessageOf<'appendResponse'>): void {
    if (hint !== undefined || index < this.#lowestEntry(node)) return;
    const termOfEntry = this.#termOfEntry(node, index);
    this.#checker.demand(termOfEntry !== undefined, 'S9', node, `acknowledges entry ${index}`);
    const before = this.#acknowledged.get(node.index);
    if (before?.term === term && before.index >= index) return;
    this.#acknowledged.set(node.index, { term, index, termOfEntry });
  }

  #onResult(node: SimulatedNode, { height, headerHash }: MessageOf<'result'>): void {
    if (node.divergesFrom <= height) return;
    const known = this.#results.get(height) ?? headerHash;
    this.#results.set(height, known);
    const detail = `signs ${describeHash(headerHash)} for height ${height}, another signed ${describeHash(known)}`;
    this.#checker.demand(equalBytes(known, headerHash), 'S1', node, detail);
  }

  #hardState(node: SimulatedNode): HardState | undefined {
    const value = node.disk.get('raft.state');
    const decoded = value === undefined ? undefined : decodeHardState(value);
    return decoded?.ok === true ? decoded.value : undefined;
  }

  /** The first index that is in the log and not compacted away. */
  #lowestEntry(node: SimulatedNode): number {
    const value = node.disk.get('raft.compaction');
    if (value === undefined) return 1;
    return new DataView(value.buffer, value.byteOffset).getUint32(1 + 4) + 1;
  }

  /** Records of entries begin with a version byte, the index and the term. */
  #termOfEntry(node: SimulatedNode, index: number): number | undefined {
    const value = node.disk.get(`raft.entry.${index}`);
    return value === undefined ? undefined : new DataView(value.buffer, value.byteOffset).getUint32(9 + 4);
  }
}
