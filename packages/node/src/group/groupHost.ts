import { equalBytes, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { ChainHead, ConsensusEngine, ConsensusStatus, Input } from '@menglian/consensus-core/ports';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { BlockExecutor } from '@menglian/executor/ports';
import type { Ledger } from '@menglian/ledger/ledger';
import type { TransactionPool } from '@menglian/txpool/transactionPool';
import type { NodeId } from '@menglian/types/address';
import type { BlockSignature } from '@menglian/types/block';
import type { LogLevel } from '../config/nodeConfig.js';
import { BlockService } from './blockService.js';
import { Chain, type ExecutedBlock } from './chain.js';
import type { Cancel, Clock, Timers } from './clock.js';
import { ConsensusRecords } from './consensusRecords.js';
import { EffectRunner, type OtherEffect } from './effectRunner.js';
import { Gossip } from './gossip.js';
import { BLOCK_TRANSACTION_BYTES_MAX } from './limits.js';
import { Proposals, type VerifyProposalEffect } from './proposals.js';
import { Sealer, type SealedBatch } from './sealer.js';
import type { Plane } from './threadProtocol.js';

/** How often sync, gossip and the pool look after themselves. */
const HOUSEKEEPING_MS = 50;

/** Stale transactions are swept out of the pool this often. */
const SWEEP_MS = 5000;

/** A tick goes to the engine before another input when the last one is older than this. */
const TICK_AGE_MS = 20;

/** A proposal's timestamp may lie this far ahead of the own clock. */
const TIMESTAMP_AHEAD_MS = 30 * 60 * 1000;

export interface GroupHostOptions {
  readonly chainId: bigint;
  readonly groupId: number;
  readonly nodeId: NodeId;
  readonly suite: CryptoSuite;
  readonly freeStorage: boolean;
  readonly gasLimit: bigint;
  readonly minBlockTimeMs: number;
}

export interface GroupHostComponents {
  readonly ledger: Ledger;
  readonly pool: TransactionPool;
  readonly executor: BlockExecutor;
  readonly records: ConsensusRecords;
  /** Built once the chain can be read; see `GroupHost` for what it is fed. */
  readonly createEngine: (chain: Chain, head: ChainHead) => ConsensusEngine;
  readonly clock: Clock;
  readonly timers: Timers;
  /** to each node named that is connected */
  readonly send: (to: readonly NodeId[], plane: Plane, payload: Uint8Array) => void;
  readonly log: (level: LogLevel, text: string) => void;
  /** a new head */
  readonly onHead: (head: ChainHead) => void;
  /** something broke that must not: the node stops */
  readonly fail: (error: unknown) => void;
}

/**
 * One group at work: feeds the consensus engine, carries out its effects, and lets pool, gossip, sync and ledger meet.
 * Everything runs on the group's thread; nothing here waits but for the disk (docs/threads.md).
 */
export class GroupHost {
  readonly #options: GroupHostOptions;
  readonly #components: GroupHostComponents;
  readonly #chain: Chain;
  readonly #engine: ConsensusEngine;
  readonly #runner: EffectRunner;
  readonly #proposals: Proposals;
  readonly #sealer: Sealer;
  readonly blocks: BlockService;
  readonly gossip: Gossip;
  readonly #connected = new Set<NodeId>();
  #members: readonly NodeId[] = [];
  #executed: { readonly digest: string; readonly block: ExecutedBlock } | undefined;
  #storing: Promise<void> = Promise.resolve();
  #reportedPending: boolean | undefined;
  #lastTickMs = Number.NEGATIVE_INFINITY;
  #sweptAtMs = 0;
  #cancelWake: Cancel | undefined;
  #cancelHousekeeping: Cancel | undefined;
  #isStopped = false;
  #hasFailed = false;

  constructor(options: GroupHostOptions, components: GroupHostComponents) {
    const { ledger, pool, executor, clock, timers, send } = components;
    this.#options = options;
    this.#components = components;
    this.#chain = new Chain(options, { ledger, executor, pool });
    this.#proposals = new Proposals({ pool });
    this.#proposals.keep(components.records.restoredBodies);
    this.#sealer = new Sealer(options, { pool, clock, timers, onSealed: (batch) => this.#onSealed(batch) });
    this.gossip = new Gossip(options, {
      pool,
      proposals: this.#proposals,
      clock,
      timers,
      send: (to, payload) => send(to, 'transactions', payload),
      isStored: (hash) => ledger.locate(hash) !== undefined,
      peers: () => this.#peers(),
      onPooled: () => this.#guard(() => this.#onPooled()),
      onComplete: (effect) => this.#guard(() => this.#onComplete(effect)),
    });
    this.blocks = new BlockService({
      ledger,
      clock,
      send: (to, payload) => send(to, 'sync', payload),
      peers: () => this.#peers(),
      apply: (number, block, from) => this.#applyForeign(number, block, from),
    });
    this.#engine = components.createEngine(this.#chain, this.#chain.head());
    this.#runner = new EffectRunner({
      persist: (effects) => components.records.write(effects, (proposal) => this.#proposals.bodies(proposal)),
      perform: (effect) => this.#perform(effect),
      fail: (error) => this.#fail(error),
    });
    this.#readMembers();
  }

  start(): void {
    const { timers } = this.#components;
    this.#cancelHousekeeping = timers.setInterval(() => this.#guard(() => this.#housekeep()), HOUSEKEEPING_MS);
    this.#guard(() => this.#tick());
  }

  /** Stops feeding the engine and waits for what is being written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelHousekeeping?.();
    this.#cancelWake?.();
    this.#sealer.cancel();
    this.gossip.stop();
    await this.#storing;
    await this.#runner.idle();
  }

  onMessage(from: NodeId, plane: Plane, payload: Uint8Array): void {
    // A node outside the group is not listened to (docs/network.md).
    if (!this.#members.includes(from)) return;
    this.#guard(() => {
      if (plane === 'consensus') this.#step({ kind: 'message', from, payload });
      else if (plane === 'sync') this.blocks.onMessage(from, payload);
      else this.gossip.onMessage(from, payload);
    });
  }

  onPeer(kind: 'peerUp' | 'peerDown', nodeId: NodeId): void {
    this.#guard(() => {
      if (kind === 'peerUp') {
        this.#connected.add(nodeId);
        this.blocks.onPeerUp(nodeId);
      } else {
        this.#connected.delete(nodeId);
        this.blocks.onPeerDown(nodeId);
        this.gossip.onPeerDown(nodeId);
      }
      this.#step({ kind, nodeId });
    });
  }

  consensusStatus(): ConsensusStatus {
    return this.#engine.status();
  }

  /** Whether there is a link to that node; never to itself. */
  isConnected(nodeId: NodeId): boolean {
    return this.#connected.has(nodeId);
  }

  /** connected nodes of the group */
  #peers(): NodeId[] {
    return this.#members.filter((nodeId) => this.#connected.has(nodeId));
  }

  #housekeep(): void {
    this.#tick();
    this.blocks.tick();
    this.gossip.tick();
    const nowMs = this.#components.clock.monotonicMs();
    if (nowMs - this.#sweptAtMs < SWEEP_MS) return;
    this.#sweptAtMs = nowMs;
    if (this.#components.pool.dropStale(nowMs) > 0) this.#reportPending();
  }

  #tick(): void {
    const nowMs = this.#components.clock.monotonicMs();
    this.#lastTickMs = nowMs;
    this.#runner.push(this.#engine.step({ kind: 'tick', nowMs }));
  }

  #step(input: Input): void {
    if (this.#components.clock.monotonicMs() - this.#lastTickMs >= TICK_AGE_MS) this.#tick();
    this.#runner.push(this.#engine.step(input));
  }

  #onPooled(): void {
    this.#reportPending();
    this.#sealer.attempt();
  }

  #reportPending(): void {
    const count = this.#components.pool.size;
    if (count > 0 === this.#reportedPending) return;
    this.#reportedPending = count > 0;
    this.#step({ kind: 'pendingTransactions', count });
  }

  #onSealed({ request, timestampMs, transactions }: SealedBatch): void {
    this.#proposals.keep(transactions);
    // The bodies shall be with the others before the proposal that names them.
    this.gossip.flush();
    this.#guard(() =>
      this.#step({
        kind: 'sealed',
        height: request.height,
        view: request.view,
        parentDigest: request.parentDigest,
        timestampMs,
        transactionHashes: transactions.map((transaction) => transaction.hash),
      }),
    );
  }

  #perform(effect: OtherEffect): void {
    if (this.#isStopped) return;
    switch (effect.kind) {
      case 'send':
        this.#components.send(effect.to, 'consensus', effect.payload);
        break;
      case 'seal':
        this.#sealer.request(effect);
        break;
      case 'verifyProposal':
        this.#verify(effect);
        break;
      case 'execute':
        this.#execute(effect);
        break;
      case 'commit':
        this.#inTurn(() => this.#commit(effect));
        break;
      case 'behind':
        this.blocks.onHint(effect.peer, effect.height);
        break;
      case 'viewEntered':
        this.#sealer.cancel();
        this.#log('info', `[CONSENSUS] [ViewEntered] view=${effect.view},height=${effect.height}`);
        break;
      case 'evidence':
        this.#log('warning', `[CONSENSUS] [Evidence] ${describeEvidence(effect.evidence)}`);
        break;
      case 'wakeAt':
        this.#wakeAt(effect.atMs);
        break;
    }
  }

  #wakeAt(atMs: number): void {
    this.#cancelWake?.();
    const { clock, timers } = this.#components;
    const delayMs = Math.max(0, atMs - clock.monotonicMs());
    this.#cancelWake = timers.setTimer(() => this.#guard(() => this.#tick()), delayMs);
  }

  #verify(effect: VerifyProposalEffect): void {
    this.gossip.hurry(effect.proposal.transactionHashes.map(toHex));
    const missing = this.#proposals.wait(effect);
    if (missing.length === 0) return this.#onComplete(effect);
    const others = effect.proposal.sealers.filter(
      (nodeId) => nodeId !== effect.proposer && nodeId !== this.#options.nodeId,
    );
    const sources = effect.proposer === this.#options.nodeId ? others : [effect.proposer, ...others];
    this.gossip.fetch(missing, sources);
  }

  /** All bodies of a proposal are here: judge it as strictly as the pool would. */
  #onComplete({ height, view, digest, proposal, certified }: VerifyProposalEffect): void {
    if (height !== this.#chain.height + 1) return;
    const reject = (reason: string) => this.#step({ kind: 'proposalRejected', height, view, digest, reason });
    const bodies = this.#proposals.bodies(proposal);
    invariant(bodies !== undefined, 'node/proposal-complete');
    const head = this.#chain.head();
    if (proposal.timestampMs <= head.timestampMs) return reject('its timestamp is not above its parent');
    const latestMs = this.#components.clock.wallMs() + TIMESTAMP_AHEAD_MS;
    if (!certified && proposal.timestampMs > latestMs) return reject('its timestamp is more than 30 minutes ahead');
    const bytes = bodies.reduce((sum, { raw }) => sum + raw.length, 0);
    if (bytes > BLOCK_TRANSACTION_BYTES_MAX) return reject(`has ${bytes} bytes of transactions`);
    const refusal = this.#components.pool.checkForBlock(height, bodies);
    if (refusal !== undefined) return reject(`holds a transaction that may not be in it: ${refusal}`);
    this.#step({ kind: 'proposalVerified', height, view, digest });
  }

  #execute({ height, digest, proposal }: Extract<OtherEffect, { kind: 'execute' }>): void {
    if (height !== this.#chain.height + 1) return;
    const bodies = this.#proposals.bodies(proposal);
    invariant(bodies !== undefined, 'node/bodies-at-execution');
    const block = this.#chain.execute(proposal, bodies);
    this.#executed = { digest: toHex(digest), block };
    this.#step({ kind: 'executed', height, digest, headerHash: block.hash, endsEpoch: block.order.epoch === height });
  }

  async #commit(effect: Extract<OtherEffect, { kind: 'commit' }>): Promise<void> {
    if (effect.height <= this.#chain.height) return;
    const block = this.#resultOf(effect);
    invariant(equalBytes(block.hash, effect.headerHash), 'node/commit-result', `block ${effect.height}`);
    await this.#store(block, effect.signatures);
  }

  #resultOf({ digest, proposal }: Extract<OtherEffect, { kind: 'commit' }>): ExecutedBlock {
    if (this.#executed?.digest === toHex(digest)) return this.#executed.block;
    const bodies = this.#proposals.bodies(proposal);
    invariant(bodies !== undefined, 'node/bodies-at-commit');
    return this.#chain.execute(proposal, bodies);
  }

  async #applyForeign(number: number, bytes: Uint8Array, from: NodeId): Promise<'stored' | 'rejected'> {
    let outcome: 'stored' | 'rejected' = 'stored';
    await this.#inTurn(async () => {
      if (number <= this.#chain.height || this.#isStopped) return;
      const result = this.#chain.executeForeign(bytes);
      if (result.ok) {
        await this.#store(result.value.executed, result.value.signatures);
        return;
      }
      outcome = 'rejected';
      this.#log('warning', `[SYNC] [BadBlock] number=${number},from=${from.slice(0, 8)},reason=${result.reason}`);
    });
    return outcome;
  }

  async #store(block: ExecutedBlock, signatures: readonly BlockSignature[]): Promise<void> {
    const startedAtMs = this.#components.clock.monotonicMs();
    await this.#chain.store(block, signatures, this.#components.records.dropBodies());
    this.#executed = undefined;
    this.gossip.abandon(this.#proposals.clear());
    this.#sealer.onBlockStored();
    this.#readMembers();
    const head = this.#chain.head();
    const tookMs = this.#components.clock.monotonicMs() - startedAtMs;
    this.#log(
      'info',
      `[CONSENSUS] ^^^^^Report,num=${head.height},sealerIdx=${block.header.sealer},hash=${toHex(head.hash).slice(0, 8)},` +
        `next=${head.height + 1},tx=${block.transactions.length},storeMs=${tookMs}`,
    );
    this.#components.onHead(head);
    this.#step({ kind: 'stored', head });
    this.blocks.onStored(head.height);
    this.#reportPending();
  }

  #readMembers(): void {
    const { sealers, observers } = this.#components.ledger.membership();
    this.#members = [...sealers, ...observers].filter((nodeId) => nodeId !== this.#options.nodeId);
  }

  /** Blocks are stored one at a time, whoever brings them. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#storing = this.#storing.then(work).catch((error: unknown) => this.#fail(error));
    return this.#storing;
  }

  /** Runs work that starts from outside; a broken invariant stops the node. */
  #guard(work: () => void): void {
    if (this.#isStopped) return;
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Nothing more happens here after the first failure; it is for the node to stop. */
  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#isStopped = true;
    this.#components.fail(error);
  }

  #log(level: LogLevel, text: string): void {
    this.#components.log(level, `[g:${this.#options.groupId}] ${text}`);
  }
}

function describeEvidence(evidence: Extract<OtherEffect, { kind: 'evidence' }>['evidence']): string {
  const from = `node=${evidence.nodeId.slice(0, 8)},height=${evidence.height}`;
  switch (evidence.kind) {
    case 'equivocation':
      return `equivocation,${from},view=${evidence.view},message=${evidence.message}`;
    case 'badProposal':
      return `badProposal,${from},view=${evidence.view},reason=${evidence.reason}`;
    case 'divergentResult':
    case 'differentChain':
      return `${evidence.kind},${from},own=${toHex(evidence.ownHash)},other=${toHex(evidence.otherHash)}`;
  }
}
