/** One replica with the host around its engine: disk, pool, executor, ledger and block sync, all of them simulated. */
import { invariant } from '@menglian/base/invariant';
import type { ConsensusEngine, Effect, Input, Proposal } from '@menglian/consensus-core/ports';
import type { NodeId } from '@menglian/types/address';
import { type ChainState, execute, isInvalidTransaction, type SimulatedBlock } from './chain.js';
import { describePersist } from './describe.js';
import { createEngine } from './engines.js';
import { keyOf } from './fakeCrypto.js';
import { BlockSync } from './host/blockSync.js';
import { ReplicaClock } from './host/clock.js';
import { InFlight } from './host/inFlight.js';
import { SimulatedLedger } from './host/ledger.js';
import type { HostileReplica } from './hostile/hostileReplica.js';
import type { Packet } from './network.js';
import type { World } from './world.js';

const BODY_RETRY_MS = 40;
const BODY_RETRIES = 200;
const SEAL_PAUSE_MS = 20;
const STATUS_EVERY_MS = 1000;
/** Results are forgotten now and then, so that `commit` has to execute again. */
const FORGOTTEN_RESULTS_PERCENT = 2;

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

export class SimulatedNode {
  readonly index: number;
  readonly nodeId: NodeId;
  readonly hostile: HostileReplica | undefined;
  /** What is durable: the engine's records by key, the chain, bodies by transaction. */
  disk = new Map<string, Uint8Array>();
  readonly ledger: SimulatedLedger;
  readonly #bodies = new Set<number>();
  /** Bodies in memory: of proposals verified in this life. */
  readonly #held = new Set<number>();
  readonly pool = new Map<number, Uint8Array>();
  isUp = false;
  engine: ConsensusEngine | undefined = undefined;
  clock: ReplicaClock;
  /** Disk, processor and links take so many times as long. */
  slowness = 1;
  /** A nondeterministic executor: this node alone computes other results from this height on. */
  divergesFrom = Infinity;
  readonly #world: World;
  /** Counts lives: whatever an earlier life has begun comes to nothing. */
  #life = 0;
  #stalledUntilMs = 0;
  #queue: Effect[] = [];
  /** Records being written, in the order of the effects; all effects after them wait. */
  #writing: EffectOf<'persist'>[] = [];
  #lastTickMs = -1;
  #wakeGeneration = 0;
  #wakeAtMs: number | undefined = undefined;
  #wantedSeal: EffectOf<'seal'> | undefined = undefined;
  #inFlight = new InFlight();
  #commits: EffectOf<'commit'>[] = [];
  #isStoring = false;
  #sync: BlockSync;

  constructor(world: World, index: number, nodeId: NodeId, hostile: HostileReplica | undefined) {
    this.#world = world;
    this.index = index;
    this.nodeId = nodeId;
    this.hostile = hostile;
    this.ledger = new SimulatedLedger(world.rules, world.options.consensusTimeoutMs);
    this.clock = this.#newClock();
    this.#sync = new BlockSync(world, this);
  }

  get height(): number {
    return this.ledger.height;
  }

  get isHonest(): boolean {
    return this.hostile === undefined;
  }

  start(): void {
    invariant(!this.isUp, 'sim/started-twice');
    this.isUp = true;
    this.#life++;
    this.clock = this.#newClock();
    this.#lastTickMs = -1;
    const records = [...this.disk].map(([key, value]) => ({ key, value }));
    const created = createEngine(
      this.#world.options,
      { chainId: 1n, groupId: 1, nodeId: this.nodeId, head: this.ledger.head(), records },
      { crypto: this.#world.keys.cryptoOf(this.nodeId), chain: this.ledger.reader() },
    );
    invariant(created.ok, 'sim/records-unreadable', created.ok ? '' : created.reason);
    this.engine = created.value;
    this.#tick();
    this.#world.onUp(this);
    this.#sayStatus();
  }

  /** Power off: memory is gone, and of the writes that were under way only the first so many, or none, were made. */
  crash(): void {
    this.isUp = false;
    this.#life++;
    const made = this.#world.random.below(this.#writing.length + 1);
    for (const effect of this.#writing.slice(0, made)) this.#applyToDisk(effect);
    this.engine = undefined;
    this.#queue = [];
    this.#writing = [];
    this.#wantedSeal = undefined;
    this.#wakeAtMs = undefined;
    this.#inFlight = new InFlight();
    this.#commits = [];
    this.#isStoring = false;
    this.#sync = new BlockSync(this.#world, this);
    this.pool.clear();
    this.#held.clear();
    this.hostile?.onCrash(this);
    this.#world.onDown(this);
  }

  /** The process does not run for a while; what comes meanwhile waits in its buffers. */
  stall(durationMs: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.#world.scheduler.nowMs + durationMs);
  }

  /** Call after the clock was changed. */
  onClockChanged(): void {
    if (this.isUp && this.#wakeAtMs !== undefined) this.#wake(this.#wakeAtMs);
  }

  give(transaction: Uint8Array): void {
    const key = keyOf(transaction);
    if (!this.isUp || this.pool.has(key) || this.ledger.isIncluded(key)) return;
    this.#whenRunning(() => {
      if (this.ledger.isIncluded(key)) return;
      this.pool.set(key, transaction);
      if (this.pool.size === 1) this.input({ kind: 'pendingTransactions', count: 1 });
      this.#trySeal();
    });
  }

  hasBody(key: number): boolean {
    return this.pool.has(key) || this.ledger.isIncluded(key) || this.#held.has(key) || this.#bodies.has(key);
  }

  receive(from: SimulatedNode, packet: Packet): void {
    if (!this.isUp) return;
    this.#whenRunning(() => {
      switch (packet.kind) {
        case 'consensus':
          this.hostile?.onReceive(packet.payload);
          return this.input({ kind: 'message', from: from.nodeId, payload: packet.payload });
        case 'blockRequest':
          return this.#sync.serve(from.index, packet.fromHeight);
        case 'status':
          if (packet.height > this.height) this.#sync.onHint(from.index);
          return;
        case 'blocks':
          return this.#sync.onBlocks(from.index, packet.blocks);
      }
    });
  }

  input(input: Input): void {
    if (!this.isUp) return;
    if (input.kind !== 'tick') this.#tick();
    if (this.engine !== undefined) this.#run(this.engine.step(input));
  }

  /** Stores a block that the ledger does not have yet; say so with `tellStored`. */
  append(block: SimulatedBlock, state: ChainState): void {
    this.#world.checker.onStore(this, block);
    this.ledger.append(block, state);
    for (const hash of block.proposal.transactionHashes) this.pool.delete(keyOf(hash));
    this.#inFlight.dropUpTo(block.height);
  }

  tellStored(): void {
    this.input({ kind: 'pendingTransactions', count: this.pool.size });
    this.input({ kind: 'stored', head: this.ledger.head() });
    this.#trySeal();
  }

  /** Runs again at once, whatever stalled it. */
  resumeNow(): void {
    this.#stalledUntilMs = 0;
  }

  #newClock(): ReplicaClock {
    return new ReplicaClock(() => this.#world.scheduler.nowMs, this.#world.random.below(100_000));
  }

  #tick(): void {
    const nowMs = this.clock.nowMs();
    if (nowMs === this.#lastTickMs) return;
    this.#lastTickMs = nowMs;
    this.#run(this.engine!.step({ kind: 'tick', nowMs }));
  }

  #run(effects: readonly Effect[]): void {
    if (effects.length === 0) return;
    this.#queue.push(...effects);
    this.#pump();
  }

  /** Effects in order; a write holds back all that follows it. One sync serves all records that wait. */
  #pump(): void {
    const life = this.#life;
    while (this.#writing.length === 0 && life === this.#life) {
      const effect = this.#queue.shift();
      if (effect === undefined) return;
      if (effect.kind === 'persist') this.#write(effect);
      else {
        this.#carryOut(effect);
        this.#world.onEffectDone(this, effect);
      }
    }
  }

  #write(first: EffectOf<'persist'>): void {
    const others = this.#queue.filter((effect): effect is EffectOf<'persist'> => effect.kind === 'persist');
    if (others.length > 0) this.#queue = this.#queue.filter(({ kind }) => kind !== 'persist');
    this.#writing = [first, ...others];
    this.#later(this.#world.random.below(this.#world.options.persistMs * this.slowness + 1), () => {
      const written = this.#writing;
      for (const effect of written) this.#applyToDisk(effect);
      this.#writing = [];
      this.#world.onEffectDone(this, first);
      this.#pump();
    });
  }

  #applyToDisk(effect: EffectOf<'persist'>): void {
    if (this.#world.options.forgetful === true) return;
    this.#world.trace?.(this, () => describePersist(effect));
    for (const record of effect.records) {
      const { key, value } = record;
      if (value === undefined) this.disk.delete(key);
      else this.disk.set(key, value);
      this.#world.checker.onWritten(this, record);
    }
    for (const { proposal } of effect.bodiesOf ?? []) {
      for (const hash of proposal.transactionHashes) this.#bodies.add(keyOf(hash));
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
        this.#inFlight.note(effect.digest, effect.proposal);
        return this.#verify(effect, BODY_RETRIES);
      case 'execute':
        this.#inFlight.note(effect.digest, effect.proposal);
        return this.#later(this.#duration(this.#world.options.executeMs), () => this.#answerExecute(effect));
      case 'commit':
        this.#commits.push(effect);
        return this.#storeNext();
      case 'behind':
        return this.#sync.onHint(this.#world.random.pick(this.#world.nodesOf(effect.peer)).index);
      case 'wakeAt':
        return this.#wake(effect.atMs);
      case 'viewEntered':
        this.#wantedSeal = undefined;
        return;
      case 'evidence':
        return;
    }
  }

  #duration(maximumMs: number): number {
    return this.#world.random.below(maximumMs * this.slowness + 1);
  }

  #answerExecute({ height, digest, proposal }: EffectOf<'execute'>): void {
    const parent = this.#stateOf(proposal.parentDigest, height - 1);
    if (parent === undefined) return;
    const state = this.#execute(parent, proposal, digest);
    if (!this.#world.random.chance(FORGOTTEN_RESULTS_PERCENT)) this.#inFlight.noteResult(state);
    const endsEpoch = state.epoch === height;
    this.input({ kind: 'executed', height, digest, headerHash: state.hash, endsEpoch });
  }

  /** The state that a parent leaves; executed again when its result was forgotten, and undefined when it is void. */
  #stateOf(digest: Uint8Array, height: number): ChainState | undefined {
    const head = this.ledger.state;
    if (height < head.height) return undefined;
    if (height === head.height) return keyOf(head.digest) === keyOf(digest) ? head : undefined;
    const known = this.#inFlight.result(digest);
    if (known !== undefined) return known;
    const proposal = this.#inFlight.proposal(digest);
    invariant(proposal !== undefined, 'sim/unknown-parent', `seed ${this.#world.options.seed} replica ${this.index}`);
    const parent = this.#stateOf(proposal.parentDigest, height - 1);
    return parent === undefined ? undefined : this.#execute(parent, proposal, digest);
  }

  #execute(parent: ChainState, proposal: Proposal, digest: Uint8Array): ChainState {
    const state = execute(this.#world.rules, parent, proposal, digest);
    if (proposal.height < this.divergesFrom) return state;
    const hash = state.hash.slice();
    hash[0] = hash[0]! ^ 1;
    return { ...state, hash };
  }

  /** Blocks in order of height, one at a time. */
  #storeNext(): void {
    if (this.#isStoring || this.#commits.length === 0) return;
    this.#isStoring = true;
    this.#later(this.#duration(this.#world.options.storeMs), () => {
      this.#isStoring = false;
      const effect = this.#commits.shift()!;
      if (effect.height > this.height) this.#storeDecided(effect);
      this.#storeNext();
    });
  }

  #storeDecided({ height, digest, proposal, headerHash, signatures }: EffectOf<'commit'>): void {
    invariant(height === this.height + 1, 'sim/commit-order', `${height} on ${this.height}`);
    const state = this.#execute(this.ledger.state, proposal, digest);
    this.append({ height, hash: headerHash, proposal, signatures }, state);
    this.tellStored();
  }

  #send(effect: EffectOf<'send'>): void {
    for (const nodeId of effect.to) {
      for (const to of this.#world.nodesOf(nodeId)) {
        const payloads = this.hostile === undefined ? [effect.payload] : this.hostile.onSend(to.index, effect.payload);
        for (const payload of payloads) {
          this.#world.network.send(this.index, to.index, { kind: 'consensus', payload });
        }
      }
    }
  }

  #wake(atMs: number): void {
    this.#wakeAtMs = atMs;
    const generation = ++this.#wakeGeneration;
    this.#later(Math.ceil(this.clock.untilMs(atMs)), () => {
      if (generation !== this.#wakeGeneration) return;
      // The clock was set back or stands still: look again.
      if (this.clock.nowMs() < atMs) this.#later(SEAL_PAUSE_MS, () => this.onClockChanged());
      else this.#tick();
    });
  }

  #trySeal(): void {
    if (this.#wantedSeal === undefined || this.pool.size === 0) return;
    const wanted = this.#wantedSeal;
    this.#later(this.#world.random.below(SEAL_PAUSE_MS), () => {
      if (this.#wantedSeal === wanted) this.#seal(wanted);
    });
  }

  #seal({ height, view, parentDigest, parentTimestampMs, maxTransactions }: EffectOf<'seal'>): void {
    if (height <= this.height) return;
    const taken = this.#inFlight.transactionsAbove(this.ledger.state, parentDigest);
    if (taken === undefined) return;
    const transactionHashes: Uint8Array[] = [];
    for (const [key, hash] of this.pool) {
      if (transactionHashes.length === maxTransactions) break;
      if (!taken.has(key)) transactionHashes.push(hash);
    }
    if (transactionHashes.length === 0) return;
    this.#wantedSeal = undefined;
    const timestampMs = Math.max(parentTimestampMs + 1, this.#world.scheduler.nowMs);
    this.input({ kind: 'sealed', height, view, parentDigest, timestampMs, transactionHashes });
  }

  #verify(effect: EffectOf<'verifyProposal'>, retries: number): void {
    const { height, view, digest, proposal } = effect;
    this.#later(this.#world.random.below(5), () => {
      if (height <= this.height) return;
      const taken = this.#inFlight.transactionsAbove(this.ledger.state, proposal.parentDigest);
      // Its parent came to nothing.
      if (taken === undefined) return;
      const hashes = proposal.transactionHashes;
      const keys = hashes.map(keyOf);
      const isBroken =
        hashes.some(isInvalidTransaction) || keys.some((key) => this.ledger.isIncluded(key) || taken.has(key));
      if (isBroken) this.input({ kind: 'proposalRejected', height, view, digest, reason: 'transaction' });
      else if (keys.every((key) => this.#world.canFetch(this, key))) {
        for (const key of keys) this.#held.add(key);
        this.input({ kind: 'proposalVerified', height, view, digest });
      } else if (retries > 0) this.#later(BODY_RETRY_MS, () => this.#verify(effect, retries - 1));
    });
  }

  /** How the host's block sync tells everybody where it stands: all that observers ever hear. */
  #sayStatus(): void {
    if (this.hostile?.isSilent() !== true) {
      const height = this.hostile?.claimedHeight(this.height) ?? this.height;
      for (const { index } of this.#world.nodes) {
        if (index !== this.index) this.#world.network.send(this.index, index, { kind: 'status', height });
      }
    }
    this.#later(STATUS_EVERY_MS, () => this.#sayStatus());
  }

  #later(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.#world.scheduler.after(delayMs, () => {
      if (life === this.#life && this.isUp) this.#whenRunning(run);
    });
  }

  /** At once, or when the process runs again, in order. */
  #whenRunning(run: () => void): void {
    const { scheduler } = this.#world;
    if (this.#stalledUntilMs <= scheduler.nowMs) run();
    else this.#later(this.#stalledUntilMs - scheduler.nowMs, run);
  }
}
