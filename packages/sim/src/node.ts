/** One replica with the host around its engine: disk, pool, executor, ledger and block sync, all of them simulated. */
import { equalBytes, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { ChainHead, ConsensusEngine, Effect, Input, OrderPoint, Proposal } from '@menglian/consensus-core/ports';
import { createPbft } from '@menglian/pbft/createPbft';
import type { NodeId } from '@menglian/types/address';
import {
  executedHeaderHash,
  GENESIS_HASH,
  isCertified,
  isInvalidTransaction,
  orderDigest,
  type SimulatedBlock,
} from './chain.js';
import { describePersist } from './describe.js';
import type { HostileReplica } from './hostile/hostileReplica.js';
import type { Packet } from './network.js';
import type { World } from './world.js';

const BLOCKS_IN_ONE_ANSWER = 10;
const BODY_RETRY_MS = 40;
const BODY_RETRIES = 200;

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

export class SimulatedNode {
  readonly index: number;
  readonly nodeId: NodeId;
  /** What is durable: records by key, blocks in order from height 1, bodies by transaction. */
  readonly disk = new Map<string, Uint8Array>();
  readonly blocks: SimulatedBlock[] = [];
  readonly #bodies = new Set<string>();
  readonly #included = new Set<string>();
  readonly pool = new Map<string, Uint8Array>();
  readonly hostile: HostileReplica | undefined;
  isUp = false;
  /** Counts lives: whatever an earlier life has begun comes to nothing. */
  #life = 0;
  engine: ConsensusEngine | undefined = undefined;
  readonly #world: World;
  #queue: Effect[] = [];
  #writing: EffectOf<'persist'> | undefined = undefined;
  #clockOffsetMs = 0;
  #lastTickMs = -1;
  #wakeGeneration = 0;
  #wantedSeal: EffectOf<'seal'> | undefined = undefined;
  #isSyncing = false;
  /** Proposals by digest, above the head: how they hang together. */
  readonly #proposals = new Map<string, Proposal>();
  /** Certified and to be stored, in order. */
  #toStore: SimulatedBlock[] = [];
  #isStoring = false;
  /** A nondeterministic executor: this node alone computes other results from this height on. */
  divergesFrom = Infinity;

  constructor(world: World, index: number, nodeId: NodeId, hostile: HostileReplica | undefined) {
    this.#world = world;
    this.index = index;
    this.nodeId = nodeId;
    this.hostile = hostile;
  }

  get height(): number {
    return this.blocks.length;
  }

  get isHonest(): boolean {
    return this.hostile === undefined;
  }

  start(): void {
    invariant(!this.isUp, 'sim/started-twice');
    this.isUp = true;
    this.#life++;
    this.#clockOffsetMs = this.#world.random.below(100_000);
    this.#lastTickMs = -1;
    const records = [...this.disk].map(([key, value]) => ({ key, value }));
    const created = createPbft(
      { chainId: 1n, groupId: 1, nodeId: this.nodeId, head: this.#head(), records },
      { crypto: this.#world.keys.cryptoOf(this.nodeId), chain: this.#chainReader() },
      this.#world.timing,
    );
    invariant(created.ok, 'sim/records-unreadable', created.ok ? '' : created.reason);
    this.engine = created.value;
    this.#tick();
    this.#world.onUp(this);
  }

  /** Power off: memory is gone, and so are writes that were not durable (or the last one just made it). */
  crash(): void {
    this.isUp = false;
    this.#life++;
    if (this.#writing !== undefined && this.#world.random.chance(50)) this.#applyToDisk(this.#writing);
    this.engine = undefined;
    this.#queue = [];
    this.#writing = undefined;
    this.#wantedSeal = undefined;
    this.#isSyncing = false;
    this.#proposals.clear();
    this.#toStore = [];
    this.#isStoring = false;
    this.pool.clear();
    if (!this.isHonest) this.disk.clear();
    this.#world.onDown(this);
  }

  give(transaction: Uint8Array): void {
    const key = toHex(transaction);
    if (!this.isUp || this.pool.has(key) || this.#included.has(key)) return;
    this.pool.set(key, transaction);
    if (this.pool.size === 1) this.input({ kind: 'pendingTransactions', count: 1 });
    this.#trySeal();
  }

  hasBody(key: string): boolean {
    return this.pool.has(key) || this.#included.has(key) || this.#bodies.has(key);
  }

  isIncluded(key: string): boolean {
    return this.#included.has(key);
  }

  receive(from: SimulatedNode, packet: Packet): void {
    if (!this.isUp) return;
    if (packet.kind === 'consensus') {
      this.hostile?.onReceive(packet.payload);
      this.input({ kind: 'message', from: from.nodeId, payload: packet.payload });
    } else if (packet.kind === 'blockRequest') {
      if (this.hostile?.isSilent() === true) return;
      const blocks = this.blocks.slice(packet.fromHeight - 1, packet.fromHeight - 1 + BLOCKS_IN_ONE_ANSWER);
      this.#world.network.send(this.index, from.index, { kind: 'blocks', blocks });
    } else if (packet.kind === 'status') {
      if (packet.height > this.height) this.#requestBlocks(from.index);
    } else this.#storeSynced(packet.blocks);
  }

  /** Observers hear of new blocks from the host's block sync, not from the engine. */
  announceToObservers(): void {
    if (!this.isUp || this.hostile?.isSilent() === true) return;
    const sealers = this.#head().sealers;
    for (const { index, nodeId } of this.#world.nodes) {
      if (sealers.includes(nodeId)) continue;
      this.#world.network.send(this.index, index, { kind: 'status', height: this.height });
    }
  }

  input(input: Input): void {
    if (!this.isUp) return;
    if (input.kind !== 'tick') this.#tick();
    if (this.engine !== undefined) this.#run(this.engine.step(input));
  }

  #tick(): void {
    const nowMs = this.#world.scheduler.nowMs + this.#clockOffsetMs;
    if (nowMs <= this.#lastTickMs) return;
    this.#lastTickMs = nowMs;
    this.#run(this.engine!.step({ kind: 'tick', nowMs }));
  }

  #run(effects: readonly Effect[]): void {
    this.#queue.push(...effects);
    this.#pump();
  }

  /** Effects in order; a write holds back all that follows it. */
  #pump(): void {
    while (this.#writing === undefined) {
      const effect = this.#queue.shift();
      if (effect === undefined) return;
      if (effect.kind === 'persist') {
        this.#writing = effect;
        this.#later(this.#world.random.below(this.#world.options.persistMs + 1), () => {
          this.#applyToDisk(effect);
          this.#writing = undefined;
          this.#world.afterEffect?.(this, effect);
          this.#pump();
        });
      } else {
        this.#carryOut(effect);
        this.#world.afterEffect?.(this, effect);
      }
    }
  }

  #applyToDisk(effect: EffectOf<'persist'>): void {
    if (this.#world.options.forgetful === true) return;
    this.#world.trace?.(this, () => describePersist(effect));
    for (const { key, value } of effect.records) {
      if (value === undefined) this.disk.delete(key);
      else this.disk.set(key, value);
    }
    for (const hash of effect.bodiesOf?.flatMap(({ proposal }) => proposal.transactionHashes) ?? []) {
      this.#bodies.add(toHex(hash));
    }
  }

  #carryOut(effect: Exclude<Effect, { kind: 'persist' }>): void {
    this.#world.checker.onEffect(this, effect);
    switch (effect.kind) {
      case 'send':
        return this.#send(effect);
      case 'seal':
        this.#wantedSeal = effect;
        return this.#trySeal();
      case 'verifyProposal':
        return this.#verify(effect, BODY_RETRIES);
      case 'execute':
        return this.#later(this.#world.random.below(this.#world.options.executeMs + 1), () => {
          const { height, digest, proposal } = effect;
          if (height <= this.height) return;
          this.input({
            kind: 'executed',
            height,
            digest,
            headerHash: this.#execute(proposal),
            endsEpoch: this.#endsEpoch(height),
          });
        });
      case 'commit': {
        const { height, headerHash: hash, proposal, signatures } = effect;
        this.#toStore.push({ height, hash, proposal, signatures });
        return this.#storeNext();
      }
      case 'behind':
        return this.#requestBlocks(this.#world.indexOf(effect.peer));
      case 'wakeAt':
        return this.#wake(effect.atMs);
      case 'viewEntered':
        this.#wantedSeal = undefined;
        return;
      case 'evidence':
        return;
    }
  }

  /** One block at a time. */
  #storeNext(): void {
    const block = this.#toStore[0];
    if (block === undefined || this.#isStoring) return;
    this.#isStoring = true;
    this.#later(this.#world.random.below(this.#world.options.storeMs + 1), () => {
      this.#isStoring = false;
      this.#toStore.shift();
      this.#store(block);
      this.#storeNext();
    });
  }

  /** Transactions in the proposals between the head and this one; undefined when they do not hang together. */
  #inFlight(digest: Uint8Array): Set<string> | undefined {
    const transactions = new Set<string>();
    for (let next = digest; !equalBytes(next, this.#head().order.digest);) {
      const proposal = this.#proposals.get(toHex(next));
      if (proposal === undefined || proposal.height <= this.height) return undefined;
      for (const hash of proposal.transactionHashes) transactions.add(toHex(hash));
      next = proposal.parentDigest;
    }
    return transactions;
  }

  #execute(proposal: Proposal): Uint8Array {
    const hash = executedHeaderHash(proposal);
    if (proposal.height >= this.divergesFrom) hash[0] = hash[0]! ^ 1;
    return hash;
  }

  #endsEpoch(height: number): boolean {
    return this.#world.epochAfter(height) === height;
  }

  #send(effect: EffectOf<'send'>): void {
    for (const nodeId of effect.to) {
      const to = this.#world.indexOf(nodeId);
      const payloads = this.hostile === undefined ? [effect.payload] : this.hostile.onSend(to, effect.payload);
      for (const payload of payloads) this.#world.network.send(this.index, to, { kind: 'consensus', payload });
    }
  }

  #wake(atMs: number): void {
    const generation = ++this.#wakeGeneration;
    const delayMs = Math.max(0, atMs - this.#clockOffsetMs - this.#world.scheduler.nowMs);
    this.#later(delayMs, () => {
      if (generation === this.#wakeGeneration) this.#tick();
    });
  }

  #trySeal(): void {
    if (this.#wantedSeal === undefined || this.pool.size === 0) return;
    const wanted = this.#wantedSeal;
    const { height, view, parentDigest, parentTimestampMs, maxTransactions } = wanted;
    const inFlight = this.#inFlight(parentDigest);
    if (inFlight === undefined || [...this.pool.keys()].every((key) => inFlight.has(key))) return;
    this.#later(this.#world.random.below(20), () => {
      if (this.#wantedSeal !== wanted) return;
      const timestampMs = Math.max(parentTimestampMs + 1, this.#world.scheduler.nowMs);
      const fresh = [...this.pool].filter(([key]) => !inFlight.has(key)).map(([, transaction]) => transaction);
      const transactionHashes = fresh.slice(0, maxTransactions);
      if (transactionHashes.length === 0) return;
      this.#wantedSeal = undefined;
      this.input({ kind: 'sealed', height, view, parentDigest, timestampMs, transactionHashes });
    });
  }

  #verify(effect: EffectOf<'verifyProposal'>, retries: number): void {
    const { height, view, digest, proposal } = effect;
    this.#proposals.set(toHex(digest), proposal);
    this.#later(this.#world.random.below(5), () => {
      if (height <= this.height) return;
      const ancestors = this.#inFlight(proposal.parentDigest);
      invariant(ancestors !== undefined, 'sim/verified-in-order', `${height} on ${this.height}`);
      const hashes = proposal.transactionHashes;
      const isKnown = (key: string): boolean => this.#included.has(key) || ancestors.has(key);
      const isBroken = hashes.some((hash) => isInvalidTransaction(hash) || isKnown(toHex(hash)));
      if (isBroken) this.input({ kind: 'proposalRejected', height, view, digest, reason: 'transaction' });
      else if (hashes.every((hash) => this.#world.canFetch(this, toHex(hash)))) {
        for (const hash of hashes) this.#bodies.add(toHex(hash));
        this.input({ kind: 'proposalVerified', height, view, digest });
      } else if (retries > 0) this.#later(BODY_RETRY_MS, () => this.#verify(effect, retries - 1));
    });
  }

  #requestBlocks(from: number): void {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    this.#later(200, () => (this.#isSyncing = false));
    this.#world.network.send(this.index, from, { kind: 'blockRequest', fromHeight: this.height + 1 });
  }

  #storeSynced(blocks: readonly SimulatedBlock[]): void {
    for (const block of blocks) {
      if (block.height !== this.height + 1) continue;
      const isNext = equalBytes(block.proposal.parentDigest, this.#head().order.digest);
      if (!isNext || !isCertified(this.#world.keys, block, this.#world.sealersOf(block.height))) return;
      this.#store(block);
    }
    this.#isSyncing = false;
  }

  /** Atomic: a block is there, with all it changes, or it is not. */
  #store(block: SimulatedBlock): void {
    if (block.height !== this.height + 1) return;
    this.#world.checker.onStore(this, block);
    this.blocks.push(block);
    for (const [digest, { height }] of this.#proposals) if (height <= this.height) this.#proposals.delete(digest);
    for (const hash of block.proposal.transactionHashes) {
      this.#included.add(toHex(hash));
      this.pool.delete(toHex(hash));
    }
    this.input({ kind: 'pendingTransactions', count: this.pool.size });
    this.input({ kind: 'stored', head: this.#head() });
    this.#trySeal();
  }

  #head(): ChainHead {
    const block = this.blocks.at(-1);
    return {
      height: this.height,
      hash: block?.hash ?? GENESIS_HASH,
      timestampMs: block?.proposal.timestampMs ?? 0,
      order: { digest: orderDigest(this.#world.keys, block), epoch: this.#world.epochAfter(this.height) },
      observers: [],
      sealers: this.#world.sealersOf(this.height + 1),
      settings: {
        maxTransactions: this.#world.options.maxTransactions,
        consensusTimeoutMs: this.#world.consensusTimeoutMs,
      },
    };
  }

  #chainReader(): {
    hashAt(height: number): Uint8Array | undefined;
    orderAt(height: number): OrderPoint | undefined;
    sealersAt(height: number): readonly NodeId[] | undefined;
  } {
    return {
      hashAt: (height) => (height === 0 ? GENESIS_HASH : this.blocks[height - 1]?.hash),
      orderAt: (height) =>
        height > this.height
          ? undefined
          : { digest: orderDigest(this.#world.keys, this.blocks[height - 1]), epoch: this.#world.epochAfter(height) },
      sealersAt: (height) => this.blocks[height - 1]?.proposal.sealers,
    };
  }

  #later(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.#world.scheduler.after(delayMs, () => {
      if (life === this.#life && this.isUp) run();
    });
  }
}
