/**
 * The smallest host that an engine can have: everything in one thread, in milliseconds of a clock of its own. It carries
 * out effects as the port says, and refuses what the port does not allow.
 */
import { equalBytes, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { ConsensusEngine, CreateEngine, Effect, Evidence, Input, Proposal } from '@menglian/consensus-core/ports';
import { certificateSize, type QuorumRule } from '@menglian/consensus-core/quorum';
import type { NodeId } from '@menglian/types/address';
import {
  EngineChain,
  engineCrypto,
  ENGINE_GROUP,
  type EngineState,
  executeProposal,
  type Members,
} from './engineChain.js';

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

/** How long a host takes for what it is asked. */
export interface HostPace {
  readonly persistMs: number;
  readonly verifyMs: number;
  readonly executeMs: number;
  readonly storeMs: number;
}

export interface EngineHostOptions {
  readonly nodeId: NodeId;
  readonly members: Members;
  readonly create: CreateEngine;
  readonly rule: QuorumRule;
  readonly maxTransactions: number;
}

/** What is around a host. */
export interface HostWorld {
  readonly nowMs: number;
  pace: HostPace;
  after(delayMs: number, run: () => void): void;
  send(from: NodeId, to: NodeId, payload: Uint8Array): void;
  /** Transactions that clients want, the oldest first. */
  wanted(): readonly Uint8Array[];
  chainOf(nodeId: NodeId): EngineChain | undefined;
}

export class EngineHost {
  readonly nodeId: NodeId;
  readonly chain: EngineChain;
  /** What survives a crash, beside the chain. */
  readonly records = new Map<string, Uint8Array>();
  readonly evidence: Evidence[] = [];
  /** Every input of this life and what came of it. */
  inputs: Input[] = [];
  outputs: Effect[][] = [];
  engine: ConsensusEngine | undefined;
  /** Effects that are still carried out; then the process dies. */
  effectsLeft = Infinity;
  /** Ticks of its own accord, as a host must. */
  isTicking = true;
  readonly #options: EngineHostOptions;
  readonly #world: HostWorld;
  #life = 0;
  #queue: Effect[] = [];
  #isWriting = false;
  #wanted: EffectOf<'seal'> | undefined;
  readonly #known = new Map<string, Proposal>();
  readonly #executed = new Map<string, EngineState>();
  #commits: EffectOf<'commit'>[] = [];
  #isStoring = false;
  #highestCommit = 0;
  #reported = 0;
  #wakeAtMs: number | undefined;

  constructor(options: EngineHostOptions, world: HostWorld) {
    this.#options = options;
    this.#world = world;
    this.nodeId = options.nodeId;
    this.chain = new EngineChain(options.members, options.maxTransactions);
  }

  get isUp(): boolean {
    return this.engine !== undefined;
  }

  create(): ReturnType<CreateEngine> {
    const records = [...this.records].map(([key, value]) => ({ key, value }));
    const options = { ...ENGINE_GROUP, nodeId: this.nodeId, head: this.chain.head(), records };
    return this.#options.create(options, { crypto: engineCrypto(this.nodeId), chain: this.chain });
  }

  start(): void {
    const created = this.create();
    invariant(created.ok, 'compliance/start', created.ok ? '' : created.reason);
    this.#life++;
    this.engine = created.value;
    this.inputs = [];
    this.outputs = [];
    this.effectsLeft = Infinity;
    this.#queue = [];
    this.#isWriting = false;
    this.#wanted = undefined;
    this.#known.clear();
    this.#executed.clear();
    this.#commits = [];
    this.#isStoring = false;
    this.#highestCommit = this.chain.height;
    this.#reported = 0;
    this.#wakeAtMs = undefined;
    this.input({ kind: 'tick', nowMs: this.#world.nowMs });
    this.onWanted();
  }

  crash(): void {
    this.#life++;
    this.engine = undefined;
  }

  input(input: Input): void {
    if (this.engine === undefined) return;
    const effects = this.engine.step(input);
    this.inputs.push(input);
    this.outputs.push(effects);
    this.#queue.push(...effects);
    this.#pump();
  }

  /** A host ticks before other inputs. */
  tell(input: Input): void {
    if (this.isTicking) this.input({ kind: 'tick', nowMs: this.#world.nowMs });
    this.input(input);
  }

  /** Clients want something, or what they wanted is done. */
  onWanted(): void {
    const count = this.#available(this.chain.state.digest).length;
    if (count > 0 !== this.#reported > 0) {
      this.#reported = count;
      this.tell({ kind: 'pendingTransactions', count });
    }
    this.#trySeal();
  }

  /** Takes over what another node has stored, as block sync does. */
  adopt(from: EngineChain, upTo: number): void {
    if (upTo <= this.chain.height) return;
    while (this.chain.height < upTo) this.chain.append(from.block(this.chain.height + 1)!);
    this.#onStored();
  }

  #pump(): void {
    while (!this.#isWriting && this.engine !== undefined) {
      const effect = this.#queue.shift();
      if (effect === undefined) return;
      if (this.effectsLeft-- <= 0) return this.crash();
      if (effect.kind === 'persist') this.#write(effect);
      else this.#carryOut(effect);
    }
  }

  #write({ records }: EffectOf<'persist'>): void {
    this.#isWriting = true;
    this.#later(this.#world.pace.persistMs, () => {
      for (const { key, value } of records) {
        invariant(/^[\x21-\x7e]{1,64}$/.test(key), 'compliance/record-key', key);
        if (value === undefined) this.records.delete(key);
        else this.records.set(key, value.slice());
      }
      this.#isWriting = false;
      this.#pump();
    });
  }

  #carryOut(effect: Exclude<Effect, { kind: 'persist' }>): void {
    switch (effect.kind) {
      case 'send':
        invariant(!effect.to.includes(this.nodeId), 'compliance/send-to-itself');
        for (const to of effect.to) this.#world.send(this.nodeId, to, effect.payload);
        return;
      case 'seal':
        this.#checkParent(effect.parentDigest, effect.height);
        this.#wanted = effect;
        return this.#trySeal();
      case 'verifyProposal':
        return this.#verify(effect);
      case 'execute':
        return this.#execute(effect);
      case 'commit':
        return this.#commit(effect);
      case 'behind':
        this.#later(5, () => {
          const chain = this.#world.chainOf(effect.peer);
          if (chain !== undefined) this.adopt(chain, chain.height);
        });
        return;
      case 'viewEntered':
        this.#wanted = undefined;
        return;
      case 'evidence':
        this.evidence.push(effect.evidence);
        return;
      case 'wakeAt':
        return this.#wake(effect.atMs);
    }
  }

  #wake(atMs: number): void {
    this.#wakeAtMs = atMs;
    this.#later(Math.max(1, atMs - this.#world.nowMs), () => {
      if (this.#wakeAtMs === atMs && this.isTicking) this.input({ kind: 'tick', nowMs: this.#world.nowMs });
    });
  }

  /** The parent is the head, what was verified here, or has been stored meanwhile. */
  #checkParent(parentDigest: Uint8Array, height: number): void {
    if (height <= this.chain.height + 1) return;
    const parent = this.#known.get(toHex(parentDigest));
    invariant(parent?.height === height - 1, 'compliance/unknown-parent', `of height ${height}`);
  }

  #trySeal(): void {
    const wanted = this.#wanted;
    if (wanted === undefined || wanted.height <= this.chain.height) return;
    const hashes = this.#available(wanted.parentDigest).slice(0, wanted.maxTransactions);
    if (hashes.length === 0) return;
    this.#wanted = undefined;
    const { height, view, parentDigest } = wanted;
    const timestampMs = Math.max(wanted.parentTimestampMs + 1, this.#world.nowMs);
    this.#later(0, () =>
      this.tell({ kind: 'sealed', height, view, parentDigest, timestampMs, transactionHashes: hashes }),
    );
  }

  /** What clients want and neither the chain nor the ancestors in flight hold. */
  #available(parentDigest: Uint8Array): Uint8Array[] {
    const taken = new Set<string>();
    let digest = parentDigest;
    for (let proposal = this.#known.get(toHex(digest)); proposal !== undefined;) {
      for (const hash of proposal.transactionHashes) taken.add(toHex(hash));
      digest = proposal.parentDigest;
      proposal = this.#known.get(toHex(digest));
    }
    return this.#world.wanted().filter((hash) => !this.chain.includes(hash) && !taken.has(toHex(hash)));
  }

  #verify({ height, view, digest, proposal }: EffectOf<'verifyProposal'>): void {
    this.#checkParent(proposal.parentDigest, height);
    this.#known.set(toHex(digest), proposal);
    this.#later(this.#world.pace.verifyMs, () => {
      if (height <= this.chain.height) return;
      const isRepeated = proposal.transactionHashes.some((hash) => this.chain.includes(hash));
      if (isRepeated) this.tell({ kind: 'proposalRejected', height, view, digest, reason: 'is repeated' });
      else this.tell({ kind: 'proposalVerified', height, view, digest });
    });
  }

  #execute({ height, digest, proposal }: EffectOf<'execute'>): void {
    const key = toHex(digest);
    invariant(!this.#executed.has(key), 'compliance/executed-twice', `height ${height}`);
    this.#known.set(key, proposal);
    this.#later(this.#world.pace.executeMs, () => {
      if (height <= this.chain.height) return;
      const state = this.#stateOf(proposal);
      if (state === undefined) return;
      this.#executed.set(key, state);
      const endsEpoch = state.epoch === height;
      this.tell({ kind: 'executed', height, digest, headerHash: state.hash, endsEpoch });
    });
  }

  #stateOf(proposal: Proposal): EngineState | undefined {
    const head = this.chain.state;
    if (equalBytes(proposal.parentDigest, head.digest)) return executeProposal(head, proposal);
    if (proposal.height <= head.height + 1) return undefined;
    const known = this.#executed.get(toHex(proposal.parentDigest));
    invariant(known !== undefined, 'compliance/parent-not-executed', `of height ${proposal.height}`);
    return executeProposal(known, proposal);
  }

  #commit(effect: EffectOf<'commit'>): void {
    const { height, headerHash, signatures, proposal } = effect;
    if (height <= this.chain.height) return;
    this.#highestCommit = Math.max(this.#highestCommit, this.chain.height);
    invariant(height === this.#highestCommit + 1, 'compliance/commit-order', `${height} after ${this.#highestCommit}`);
    this.#highestCommit = height;
    const { verify } = engineCrypto(this.nodeId);
    for (const [position, { index, signature }] of signatures.entries()) {
      const sealer = proposal.sealers[index];
      invariant(sealer !== undefined && verify(sealer, headerHash, signature), 'compliance/certificate', 'signature');
      invariant(position === 0 || signatures[position - 1]!.index < index, 'compliance/certificate', 'order');
    }
    const fewest = certificateSize(this.#options.rule, proposal.sealers.length);
    invariant(signatures.length >= fewest, 'compliance/certificate', `${signatures.length} signatures`);
    this.#commits.push(effect);
    this.#storeNext();
  }

  #storeNext(): void {
    if (this.#isStoring || this.#commits.length === 0) return;
    this.#isStoring = true;
    this.#later(this.#world.pace.storeMs, () => {
      this.#isStoring = false;
      const { height, proposal, headerHash, signatures } = this.#commits.shift()!;
      if (height > this.chain.height) {
        const state = executeProposal(this.chain.state, proposal);
        invariant(equalBytes(state.hash, headerHash), 'compliance/result', `height ${height}`);
        invariant(proposal.epoch === this.chain.state.epoch, 'compliance/epoch', `height ${height} is void`);
        invariant(proposal.sealers.join() === this.chain.state.sealers.join(), 'compliance/sealers', `${height}`);
        for (const hash of proposal.transactionHashes) {
          invariant(!this.chain.includes(hash), 'compliance/repeated', `height ${height}`);
        }
        this.chain.append({ proposal, state, signatures });
        this.#onStored();
      }
      this.#storeNext();
    });
  }

  #onStored(): void {
    for (const [key, { height }] of this.#known) if (height <= this.chain.height) this.#known.delete(key);
    this.tell({ kind: 'stored', head: this.chain.head() });
    this.onWanted();
  }

  #later(delayMs: number, run: () => void): void {
    const life = this.#life;
    const guarded = (): void => {
      if (life === this.#life) run();
    };
    if (delayMs === 0) this.#world.after(0, guarded);
    else this.#world.after(delayMs, guarded);
  }
}
