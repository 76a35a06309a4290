/** A whole cluster in one thread: replicas, network, clock, clients and the checker that watches them. */
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { maxFaulty } from '@menglian/consensus-core/quorum';
import { MESSAGE_CODES } from '@menglian/pbft/messages';
import type { Effect } from '@menglian/consensus-core/ports';
import type { PbftTiming } from '@menglian/pbft/timing';
import type { NodeId } from '@menglian/types/address';
import { transactionHash } from './chain.js';
import { Checker } from './checker.js';
import { type ClusterKeys, FakeKeys } from './fakeCrypto.js';
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
  readonly network: SimulatedNetwork;
  readonly nodes: SimulatedNode[] = [];
  readonly checker: Checker;
  readonly consensusTimeoutMs = 1000;
  readonly timing: PbftTiming = {
    heartbeatIntervalMs: 500,
    maximumTimeoutMs: 6000,
    leaderDownGraceMs: 100,
    silenceMs: 1750,
    replyIntervalMs: 200,
  };
  /** Faults go on. */
  isChaos = true;
  trace: Trace | undefined = undefined;
  /** Called after each effect of an honest replica that has been carried out. */
  afterEffect: ((node: SimulatedNode, effect: Effect) => void) | undefined = undefined;
  fingerprints = false;
  readonly #ids: NodeId[];
  readonly #indexes: ReadonlyMap<NodeId, number>;
  readonly #submitted = new Set<string>();
  /** Not yet in the chain of every honest replica. */
  readonly #unsettled = new Map<string, Uint8Array>();
  #transactionCount = 0;

  constructor(options: SimulationOptions, keys: ClusterKeys = new FakeKeys()) {
    this.options = options;
    this.keys = keys;
    this.random = new SeededRandom(options.seed);
    this.checker = new Checker(this);
    this.network = new SimulatedNetwork(this.random, this.scheduler, options.network, (from, to, packet) =>
      this.nodes[to]!.receive(this.nodes[from]!, packet),
    );
    this.#ids = Array.from({ length: options.replicas }, (_, index) => this.keys.nodeId(index));
    this.#indexes = new Map(this.#ids.map((nodeId, index) => [nodeId, index]));
    const hostileIndexes = options.hostileIndexes ?? this.#draw(options.hostile.length);
    for (let index = 0; index < options.replicas; index++) {
      const behaviour = options.hostile[hostileIndexes.indexOf(index)];
      const hostile = behaviour === undefined ? undefined : new HostileReplica(this, index, behaviour);
      this.nodes.push(new SimulatedNode(this, index, this.#ids[index]!, hostile));
    }
  }

  get honest(): SimulatedNode[] {
    return this.nodes.filter((node) => node.isHonest);
  }

  get maxFaulty(): number {
    return maxFaulty(this.options.replicas);
  }

  startAll(): void {
    for (const node of this.nodes) node.start();
  }

  indexOf(nodeId: NodeId): number {
    return this.#indexes.get(nodeId)!;
  }

  sealersOf(height: number): readonly NodeId[] {
    const steps = this.options.membership;
    if (steps === undefined) return this.#ids;
    const step = steps.findLast(({ fromHeight }) => fromHeight <= height)!;
    return step.members.map((index) => this.#ids[index]!).sort();
  }

  /** Number of the last block up to this one that changed the sealers of the next height. */
  epochAfter(height: number): number {
    const starts = (this.options.membership ?? []).map(({ fromHeight }) => fromHeight - 1);
    return starts.findLast((end) => end <= height) ?? 0;
  }

  /** A client sends a fresh transaction to some replicas, and again until it is in the chain. */
  submit(): Uint8Array {
    const transaction = transactionHash(this.#transactionCount++);
    this.#submitted.add(toHex(transaction));
    this.#unsettled.set(toHex(transaction), transaction);
    for (const node of this.nodes) {
      if (this.random.chance(70)) this.scheduler.after(this.random.below(60), () => node.give(transaction));
    }
    return transaction;
  }

  wasSubmitted(transaction: Uint8Array): boolean {
    return this.#submitted.has(toHex(transaction));
  }

  /** Clients send what is not in the chain of some honest replica to every replica again. */
  resubmit(): void {
    for (const [key, transaction] of this.#unsettled) {
      if (this.honest.every((node) => node.isUp && node.isIncluded(key))) this.#unsettled.delete(key);
      else for (const node of this.nodes) node.give(transaction);
    }
  }

  /** Whether a replica can get a body: from its own pool or disk, or from a replica in reach. */
  canFetch(node: SimulatedNode, key: string): boolean {
    if (node.hasBody(key)) return true;
    return this.nodes.some((other) => {
      const isReachable =
        other.isUp && !this.network.isCut(node.index, other.index) && !this.network.isCut(other.index, node.index);
      return isReachable && other.hasBody(key);
    });
  }

  /** A replica is the first to hold a certificate, or the first to know a block; see `strandPercent`. */
  onFirst(node: SimulatedNode, what: 'lock' | 'block'): void {
    if (!this.isChaos || !this.random.chance(this.options.strandPercent)) return;
    for (const { index } of this.nodes) {
      if (index === node.index) continue;
      this.network.cut(node.index, index);
      this.network.cut(index, node.index);
    }
    const { prepare, commit, checkpoint } = MESSAGE_CODES;
    const early = what === 'lock' ? prepare : checkpoint;
    const codes = this.random.chance(50) ? [early] : [early, commit];
    const others = this.nodes.map(({ index }) => index).filter((index) => index !== node.index);
    this.network.jam(codes, others);
    this.checker.mark(`stranded:${what}`);
    const patienceMs = this.consensusTimeoutMs;
    this.scheduler.after(patienceMs + this.random.below(patienceMs), () => this.network.jam([], []));
    this.scheduler.after(patienceMs + this.random.below(4 * patienceMs), () => this.network.mend());
  }

  onUp(node: SimulatedNode): void {
    for (const other of this.nodes) {
      if (other === node) continue;
      this.scheduler.after(this.random.below(50), () => {
        if (node.isUp) other.input({ kind: 'peerUp', nodeId: node.nodeId });
        node.input({ kind: other.isUp ? 'peerUp' : 'peerDown', nodeId: other.nodeId });
      });
    }
  }

  onDown(node: SimulatedNode): void {
    for (const other of this.nodes) {
      if (other === node || !other.isUp) continue;
      this.scheduler.after(this.random.below(300), () => {
        if (!node.isUp) other.input({ kind: 'peerDown', nodeId: node.nodeId });
      });
    }
  }

  /** `count` different indexes. */
  #draw(count: number): number[] {
    const indexes = Array.from({ length: this.options.replicas }, (_, index) => index);
    return Array.from({ length: count }, () => indexes.splice(this.random.below(indexes.length), 1)[0]!);
  }
}
