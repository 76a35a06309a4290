import { toHex } from '@menglian/base/bytes';
import type { ChainHead, ConsensusEngine, ConsensusStatus, Input, Proposal } from '@menglian/consensus-core/ports';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { BlockExecutor } from '@menglian/executor/ports';
import type { Ledger } from '@menglian/ledger/ledger';
import type { SealerRules } from '@menglian/sync/trustPath';
import type { TransactionPool } from '@menglian/txpool/transactionPool';
import type { NodeId } from '@menglian/types/address';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { LogLevel } from '../config/nodeConfig.js';
import { BlockService } from './blockService.js';
import { BlockSize } from './blockSize.js';
import { Chain } from './chain.js';
import type { Cancel, Clock, Timers } from './clock.js';
import { CommitQueue } from './commitQueue.js';
import { ConsensusRecords } from './consensusRecords.js';
import { EffectRunner, type OtherEffect } from './effectRunner.js';
import type { DiskLimit } from './diskQuota.js';
import { describeEvidence } from './evidenceText.js';
import type { ExecutedBlock } from './executedBlocks.js';
import { type ExecuteEffect, Execution } from './execution.js';
import { Gossip } from './gossip.js';
import { InFlight } from './inFlight.js';
import { Proposals } from './proposals.js';
import type { Rotation } from './rotation.js';
import { Sealer, type SealedBatch } from './sealer.js';
import type { SnapshotPorts, SnapshotService } from './snapshotService.js';
import type { Plane } from './threadProtocol.js';
import { Verification } from './verification.js';

/** How often sync, gossip and the pool look after themselves. */
const HOUSEKEEPING_MS = 50;

/** Stale transactions are swept out of the pool this often. */
const SWEEP_MS = 5000;

/** A leader of Raft that stops gives its successor this long, and looks this often. */
const HAND_OVER_MS = 200;
const HAND_OVER_CHECK_MS = 10;

/** A tick goes to the engine before another input when the last one is older than this. */
const TICK_AGE_MS = 20;

export interface GroupHostOptions {
  readonly chainId: bigint;
  readonly groupId: number;
  readonly nodeId: NodeId;
  readonly suite: CryptoSuite;
  readonly freeStorage: boolean;
  readonly gasLimit: bigint;
  readonly rules: SealerRules;
  readonly minBlockTimeMs: number;
}

export interface GroupHostComponents {
  readonly ledger: Ledger;
  readonly pool: TransactionPool;
  readonly executor: BlockExecutor;
  readonly records: ConsensusRecords;
  /** only in rPBFT */
  readonly rotation: Rotation | undefined;
  /** Built once the chain can be read; see `GroupHost` for what it is fed. */
  readonly createSnapshots: (ports: SnapshotPorts) => SnapshotService;
  readonly createEngine: (chain: Chain, head: ChainHead) => ConsensusEngine;
  readonly clock: Clock;
  readonly timers: Timers;
  /** No block is proposed while it has no room. */
  readonly disk: DiskLimit;
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
  readonly #inFlight: InFlight;
  readonly #verification: Verification;
  readonly #execution: Execution;
  readonly #commits: CommitQueue;
  readonly #size = new BlockSize();
  readonly #sealer: Sealer;
  readonly blocks: BlockService;
  readonly gossip: Gossip;
  readonly #connected = new Set<NodeId>();
  #members: readonly NodeId[] = [];
  #head: ChainHead;
  #lastSealed: SealedBatch | undefined;
  #reportedPending: boolean | undefined;
  #lastTickMs = Number.NEGATIVE_INFINITY;
  #sweptAtMs = 0;
  #cancelWake: Cancel | undefined;
  #cancelHousekeeping: Cancel | undefined;
  #isStopped = false;
  #hasFailed = false;

  constructor(options: GroupHostOptions, components: GroupHostComponents) {
    const { ledger, pool, executor, records, clock, timers, send } = components;
    this.#options = options;
    this.#components = components;
    this.#chain = new Chain(options, { ledger, executor, pool, rotation: components.rotation });
    this.#head = this.#chain.head();
    this.#inFlight = new InFlight(this.#head);
    this.#proposals = new Proposals({ pool });
    for (const { height, transactions } of records.restoredBodies) this.#proposals.keep(height, transactions);
    const shared = { chain: this.#chain, pool, proposals: this.#proposals, inFlight: this.#inFlight, clock, timers };
    const size = this.#size;
    this.#sealer = new Sealer(options, {
      ...shared,
      size,
      disk: components.disk,
      onSealed: (batch) => this.#onSealed(batch),
    });
    this.gossip = new Gossip(options, {
      pool,
      proposals: this.#proposals,
      clock,
      timers,
      send: (to, payload) => send(to, 'transactions', payload),
      isStored: (hash) => ledger.locate(hash) !== undefined,
      isReserved: (transaction) => components.rotation?.isReserved(transaction) === true,
      peers: () => this.#peers(),
      onPooled: () => this.#guard(() => this.#onPooled()),
      onComplete: (effect) => this.#guard(() => this.#verification.onComplete(effect)),
      onForger: (peer) =>
        this.#log('warning', `[TXPOOL] [Forgeries] ${peer.slice(0, 8)} sends transactions that nobody signed`),
    });
    this.#execution = new Execution({ ...shared, onExecuted: (count, tookMs) => size.onExecuted(count, tookMs) });
    this.#verification = new Verification(options, {
      ...shared,
      execution: this.#execution,
      gossip: this.gossip,
      head: () => this.#head,
      answer: (input) => this.#step(input),
    });
    this.#commits = new CommitQueue({
      ...shared,
      execution: this.#execution,
      records,
      onStored: (block, tookMs) => this.#onStored(block, tookMs),
      onRejected: (number, from, reason) =>
        this.#log('warning', `[SYNC] [BadBlock] number=${number},from=${from.slice(0, 8)},reason=${reason}`),
      fail: (error) => this.#fail(error),
    });
    const sync = {
      ledger,
      clock,
      send: (to: readonly NodeId[], payload: Uint8Array) => send(to, 'sync', payload),
      peers: () => this.#peers(),
      fail: (error: unknown) => this.#fail(error),
    };
    this.blocks = new BlockService(options, {
      ...sync,
      snapshots: components.createSnapshots({ ...sync, log: (text) => this.#log('info', text) }),
      apply: (number, block, from) => this.#commits.applyForeign(number, block, from),
    });
    this.#engine = components.createEngine(this.#chain, this.#head);
    this.#runner = new EffectRunner({
      persist: (effects) => records.write(effects, (digest, proposal) => this.#bodiesToKeep(digest, proposal)),
      perform: (effect) => this.#perform(effect),
      fail: (error) => this.#fail(error),
    });
    this.#readMembers();
  }

  start(): void {
    const { timers } = this.#components;
    this.#cancelHousekeeping = timers.setInterval(() => this.#guard(() => this.#housekeep()), HOUSEKEEPING_MS);
    this.#guard(() => this.blocks.start());
    this.#guard(() => this.#tick());
  }

  /** Hands over, stops feeding the engine and waits for what is being written. */
  async stop(): Promise<void> {
    await this.#handOver();
    this.#isStopped = true;
    this.#cancelHousekeeping?.();
    this.#cancelWake?.();
    this.#sealer.cancel();
    this.gossip.stop();
    await this.#commits.stop();
    await this.#runner.idle();
    await this.blocks.stop();
  }

  /** A node that leads for long gives way before it stops: the others need not wait until they miss it. */
  async #handOver(): Promise<void> {
    const leads = () => this.#leadsForLong();
    if (this.#isStopped || !leads()) return;
    this.#guard(() => this.#step({ kind: 'retire' }));
    const { clock, timers } = this.#components;
    const untilMs = clock.monotonicMs() + HAND_OVER_MS;
    await new Promise<void>((resolve) => {
      const cancel = timers.setInterval(() => {
        if (leads() && clock.monotonicMs() < untilMs) return;
        cancel();
        resolve();
      }, HAND_OVER_CHECK_MS);
    });
  }

  #leadsForLong(): boolean {
    const { kind, leader } = this.#engine.status();
    return kind === 'raft' && leader === this.#options.nodeId;
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
    // Nobody replaces a leader of Raft that speaks, though it proposes nothing.
    if (this.#components.disk.refusal !== undefined && this.#leadsForLong()) this.#step({ kind: 'retire' });
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

  #onSealed({ request, timestampMs, transactions: selected }: SealedBatch): void {
    const canOpen = !this.#chain.isRotating || this.#execution.executeBelow(request);
    const transactions = canOpen ? this.#chain.openBlock(request, selected) : undefined;
    // The parent is just being stored: without another try this leader's turn would pass in silence.
    if (transactions === undefined) return this.#sealer.keep(request);
    this.#proposals.keep(request.height, transactions);
    this.#lastSealed = { request, timestampMs, transactions };
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

  /** Bodies that must be found after a restart; undefined when the block is stored by now. */
  #bodiesToKeep(digest: Uint8Array, proposal: Proposal): readonly SignedTransaction[] | undefined {
    return proposal.height <= this.#head.height ? undefined : this.#execution.bodies(digest, proposal);
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
        this.#sealer.onProposal();
        this.#verification.verify(effect);
        break;
      case 'execute':
        this.#execute(effect);
        break;
      case 'commit':
        this.#commits.commit(effect);
        break;
      case 'behind':
        this.blocks.onHint(effect.peer, effect.height);
        break;
      case 'viewEntered':
        this.#onViewEntered(effect);
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

  #execute(effect: ExecuteEffect): void {
    const block = this.#execution.execute(effect);
    if (block === undefined) return;
    const { height, digest } = effect;
    this.#step({ kind: 'executed', height, digest, headerHash: block.hash, endsEpoch: block.order.epoch === height });
  }

  #onStored(block: ExecutedBlock, tookMs: number): void {
    if (this.#isStopped) return;
    const head = this.#chain.head();
    const own = this.#options.nodeId === block.header.sealerList[block.header.sealer];
    this.#head = head;
    this.#inFlight.onStored(head);
    this.gossip.abandon(this.#proposals.clear(head.height));
    if (own) this.#size.onStored(block.transactions.length);
    this.#sealer.onBlockStored(head.height);
    this.#readMembers();
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

  #onViewEntered({ epoch, height, view }: Extract<OtherEffect, { kind: 'viewEntered' }>): void {
    this.#sealer.cancel();
    const sealed = this.#lastSealed;
    this.#lastSealed = undefined;
    // Only the lowest block can be to blame: those above wait for it.
    if (sealed?.request.height === this.#head.height + 1 && sealed.request.view < view) {
      this.#size.onGivenUp(sealed.transactions.length);
    }
    this.#log('info', `[CONSENSUS] [ViewEntered] view=${view},epoch=${epoch},height=${height}`);
  }

  #readMembers(): void {
    const { sealers, observers } = this.#components.ledger.membership();
    const { nodeId } = this.#options;
    this.#members = [...sealers, ...observers].filter((member) => member !== nodeId);
    // The log of Raft reaches all members, votes of PBFT only those that vote.
    this.blocks.onRole(sealers.includes(nodeId) || this.#engine.status().kind === 'raft');
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
