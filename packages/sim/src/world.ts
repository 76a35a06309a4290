/** A whole cluster in one thread: replicas, network, clock, clients and the checker that watches them. */
import { SeededRandom } from '@menglian/base/seededRandom';
import type { Effect } from '@menglian/consensus-core/ports';
import { maxFaulty } from '@menglian/consensus-core/quorum';
import { MESSAGE_CODES } from '@menglian/pbft/messages';
import { MESSAGE_CODES as RAFT_CODES } from '@menglian/raft/messageCodec';
import type { NodeId } from '@menglian/types/address';
import { addMember, type ChainRules, removeMember, setMaxTransactions, transactionHash } from './chain.js';
import { Checker } from './checker.js';
import { quorumRuleOf } from './engines.js';
import { type ClusterKeys, FakeKeys, keyOf } from './fakeCrypto.js';
import { HostileReplica } from './hostile/hostileReplica.js';
import { SimulatedNetwork } from './network.js';
import { SimulatedNode } from './node.js';
import type { SimulationOptions } from './options.js';
import { Scheduler } from './scheduler.js';

/** Sees everything, for a compact trace; the text is made only when somebody reads it. */
export type Trace = (node: SimulatedNode, describe: () => string | undefined) => void;

export class World {
  readonly options: SimulationOptions;
  readonly random: SeededRandom;
  readonly scheduler = new Scheduler();
  readonly keys: ClusterKeys;
  readonly rules: ChainRules;
  readonly network: SimulatedNetwork;
  /** Replicas by index; behind them the second copies of twins. */
  readonly nodes: SimulatedNode[] = [];
  readonly checker: Checker;
  /** Faults go on. */
  isChaos = true;
  trace: Trace | undefined = undefined;
  /** Called after each effect that has been carried out. */
  afterEffect: ((node: SimulatedNode, effect: Effect) => void) | undefined = undefined;
  fingerprints = false;
  readonly #byId = new Map<NodeId, SimulatedNode[]>();
  readonly #submitted = new Set<number>();
  /** Not yet in the chain of every honest replica. */
  readonly #unsettled = new Map<number, Uint8Array>();
  #transactionCount = 0;

  constructor(options: SimulationOptions, keys: ClusterKeys = new FakeKeys()) {
    this.options = options;
    this.keys = keys;
    this.random = new SeededRandom(options.seed);
    const nodeIds = Array.from({ length: options.replicas }, (_, index) => keys.nodeId(index));
    this.rules = {
      nodeIds,
      genesisMembers: nodeIds.slice(0, options.genesisMembers ?? options.replicas),
      minimumMembers: Math.max(options.engine === 'raft' ? 3 : 1, 3 * options.hostile.length + 1),
      workingSealers: options.workingSealers,
      rotateEveryHeights: options.rotateEveryHeights ?? Number.MAX_SAFE_INTEGER,
      maxTransactions: options.maxTransactions,
      quorum: quorumRuleOf(options.engine),
      hash: keys.hash,
    };
    this.checker = new Checker(this);
    const hostileIndexes = options.hostileIndexes ?? this.#draw(options.hostile.length);
    const twins = options.hostile.flatMap((behaviour, i) => (behaviour === 'twin' ? [hostileIndexes[i]!] : []));
    this.network = new SimulatedNetwork(
      this.random,
      this.scheduler,
      options.network,
      { count: options.replicas + twins.length, mayFlipBits: options.engine !== 'raft' },
      (from, to, packet) => this.nodes[to]!.receive(this.nodes[from]!, packet),
    );
    const indexes = [...nodeIds.keys(), ...twins];
    for (const [position, index] of indexes.entries()) {
      const behaviour = options.hostile[hostileIndexes.indexOf(index)];
      const hostile = behaviour === undefined ? undefined : new HostileReplica(this, position, behaviour);
      const node = new SimulatedNode(this, position, nodeIds[index]!, hostile);
      this.nodes.push(node);
      this.#byId.set(node.nodeId, [...(this.#byId.get(node.nodeId) ?? []), node]);
    }
  }

  get honest(): SimulatedNode[] {
    return this.nodes.filter((node) => node.isHonest);
  }

  /** The most replicas that may be faulty at once if there is to be progress. */
  get maxFaulty(): number {
    const { engine, replicas, workingSealers, genesisMembers } = this.options;
    const voters = Math.min(workingSealers ?? replicas, genesisMembers ?? replicas);
    return engine === 'raft' ? Math.floor((voters - 1) / 2) : maxFaulty(voters);
  }

  startAll(): void {
    for (const node of this.nodes) node.start();
  }

  /** The replica of a key; two when it is a twin. */
  nodesOf(nodeId: NodeId): readonly SimulatedNode[] {
    return this.#byId.get(nodeId)!;
  }

  /** A client sends a fresh transaction to some replicas, and again until it is in the chain. */
  submit(): Uint8Array {
    return this.#submit(transactionHash(this.#transactionCount++));
  }

  /** Somebody asks for other members or settings. */
  submitChange(): Uint8Array {
    const number = this.#transactionCount++;
    const index = this.random.below(this.options.replicas);
    switch (this.random.below(5)) {
      case 0:
      case 1:
        return this.#submit(addMember(number, index));
      case 2:
      case 3:
        return this.#submit(removeMember(number, index));
      default:
        return this.#submit(setMaxTransactions(number, this.random.pick([1, 3, 50])));
    }
  }

  /** Hands a transaction of a test's own to every replica. */
  submitToAll(transaction: Uint8Array): void {
    this.#submitted.add(keyOf(transaction));
    this.#unsettled.set(keyOf(transaction), transaction);
    for (const node of this.nodes) node.give(transaction);
  }

  /** A transaction that a client has signed, and a test hands to whom it likes. */
  submitToNobody(): Uint8Array {
    const transaction = transactionHash(this.#transactionCount++);
    this.#submitted.add(keyOf(transaction));
    return transaction;
  }

  get nextTransactionNumber(): number {
    return this.#transactionCount++;
  }

  wasSubmitted(transaction: number): boolean {
    return this.#submitted.has(transaction);
  }

  get unsettledCount(): number {
    return this.#unsettled.size;
  }

  /** Clients send what is not in the chain of some honest replica to every replica again. */
  resubmit(): void {
    for (const [key, transaction] of this.#unsettled) {
      if (this.honest.every((node) => node.ledger.isIncluded(key))) this.#unsettled.delete(key);
      else for (const node of this.nodes) node.give(transaction);
    }
  }

  /** Whether a replica can get a body: from its own pool or disk, or from a replica in reach. */
  canFetch(node: SimulatedNode, key: number): boolean {
    if (node.hasBody(key)) return true;
    const { network } = this;
    return this.nodes.some(
      (other) =>
        other.isUp &&
        !network.isCut(node.index, other.index) &&
        !network.isCut(other.index, node.index) &&
        other.hasBody(key),
    );
  }

  onEffectDone(node: SimulatedNode, effect: Effect): void {
    this.afterEffect?.(node, effect);
    const { crashesInTenThousandEffects } = this.options.chaos;
    if (crashesInTenThousandEffects === 0 || !this.isChaos || !node.isUp) return;
    if (this.random.below(10_000) >= crashesInTenThousandEffects) return;
    this.checker.mark(`crashedAfter:${effect.kind}`);
    node.crash();
    this.scheduler.after(100 + this.random.below(2000), () => {
      if (!node.isUp) node.start();
    });
  }

  /** A replica is the first to hold a certificate, or the first to know a block; see `strandPercent`. */
  onFirst(node: SimulatedNode, what: 'lock' | 'block'): void {
    const { strandPercent, areVotesMute } = this.options.chaos;
    if (!this.isChaos || areVotesMute || !this.random.chance(strandPercent)) return;
    for (const { index } of this.nodes) {
      if (index === node.index) continue;
      this.network.cut(node.index, index);
      this.network.cut(index, node.index);
    }
    const codes = this.#codesAround(what);
    const others = this.nodes.map(({ index }) => index).filter((index) => index !== node.index);
    this.network.jam(codes, others);
    this.checker.mark(`stranded:${what}`);
    const patienceMs = this.options.consensusTimeoutMs;
    this.scheduler.after(patienceMs + this.random.below(patienceMs), () => this.network.jam([], []));
    this.scheduler.after(patienceMs + this.random.below(4 * patienceMs), () => this.network.mend());
  }

  /** The phases by which the others would learn of it too. */
  #codesAround(what: 'lock' | 'block'): number[] {
    if (this.options.engine === 'raft') return [RAFT_CODES.result, RAFT_CODES.append];
    const { prepare, commit, checkpoint } = MESSAGE_CODES;
    const early = what === 'lock' ? prepare : checkpoint;
    return this.random.chance(50) ? [early] : [early, commit];
  }

  onUp(node: SimulatedNode): void {
    for (const other of this.nodes) {
      if (other.nodeId === node.nodeId) continue;
      this.scheduler.after(this.random.below(50), () => {
        if (node.isUp) other.input({ kind: 'peerUp', nodeId: node.nodeId });
        node.input({ kind: other.isUp ? 'peerUp' : 'peerDown', nodeId: other.nodeId });
      });
    }
  }

  onDown(node: SimulatedNode): void {
    for (const other of this.nodes) {
      if (other.nodeId === node.nodeId || !other.isUp) continue;
      this.scheduler.after(this.random.below(300), () => {
        if (!this.nodesOf(node.nodeId).some(({ isUp }) => isUp)) other.input({ kind: 'peerDown', nodeId: node.nodeId });
      });
    }
  }

  /** The transport notices, in time, which sessions it has. */
  tellSessions(): void {
    for (const node of this.nodes) {
      for (const other of this.nodes) {
        if (node.nodeId === other.nodeId) continue;
        this.scheduler.after(this.random.below(500), () => {
          const isCut = this.network.isCut(node.index, other.index) || this.network.isCut(other.index, node.index);
          node.input({ kind: isCut || !other.isUp ? 'peerDown' : 'peerUp', nodeId: other.nodeId });
        });
      }
    }
  }

  #submit(transaction: Uint8Array): Uint8Array {
    const key = keyOf(transaction);
    this.#submitted.add(key);
    this.#unsettled.set(key, transaction);
    for (const node of this.nodes) {
      if (this.random.chance(70)) this.scheduler.after(this.random.below(60), () => node.give(transaction));
    }
    return transaction;
  }

  /** `count` different indexes. */
  #draw(count: number): number[] {
    const indexes = Array.from({ length: this.options.replicas }, (_, index) => index);
    return Array.from({ length: count }, () => indexes.splice(this.random.below(indexes.length), 1)[0]!);
  }
}
