import { equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import type { CreateEngine } from '@menglian/consensus-core/ports';
import type { QuorumRule } from '@menglian/consensus-core/quorum';
import type { NodeId } from '@menglian/types/address';
import { type EngineChain, engineNodeId, engineTransaction } from './engineChain.js';
import { EngineHost, type HostPace, type HostWorld } from './engineHost.js';

/** Something that a message says and its sender may never contradict. */
export interface Statement {
  readonly slot: string;
  readonly content: string;
}

export interface EngineGroupOptions {
  /** What a message of this engine says to that node for good. */
  readonly statementsIn: (payload: Uint8Array, to: NodeId) => readonly Statement[];
  readonly create: CreateEngine;
  readonly rule: QuorumRule;
  readonly sealers: number;
  readonly observers?: number;
  readonly seed?: number;
  readonly maxTransactions?: number;
  readonly rotateEvery?: number;
}

const QUICK: HostPace = { persistMs: 1, verifyMs: 1, executeMs: 2, storeMs: 2 };

const STATUS_EVERY_MS = 50;
/** Sealers look at statuses this much more seldom, so that the engine's own ways of catching up are tested. */
const SEALER_ROUNDS = 40;

/** Hosts on links without faults, but for those that a test makes. */
export class EngineGroup implements HostWorld {
  readonly random: SeededRandom;
  readonly hosts: readonly EngineHost[];
  pace: HostPace = QUICK;
  nowMs = 0;
  /** Messages from the first to the second index are lost. */
  readonly cut = new Set<string>();
  /** Told of every message that is sent. */
  onSend: (from: EngineHost, to: EngineHost, payload: Uint8Array) => void = () => {};
  sentMessages = 0;
  readonly #agenda = new Map<number, Array<() => void>>();
  readonly #wanted: Uint8Array[] = [];
  #isAnnouncing = false;
  readonly #statements = new Map<string, string>();
  readonly #statementsIn: EngineGroupOptions['statementsIn'];
  readonly #byId = new Map<NodeId, EngineHost>();

  constructor(options: EngineGroupOptions) {
    this.random = new SeededRandom(options.seed ?? 1);
    this.#statementsIn = options.statementsIn;
    const ids = Array.from({ length: options.sealers + (options.observers ?? 0) }, (_, index) => engineNodeId(index));
    const { create, rule, maxTransactions = 3, rotateEvery = 0 } = options;
    const members = { sealers: ids.slice(0, options.sealers), observers: ids.slice(options.sealers), rotateEvery };
    this.hosts = ids.map((nodeId) => new EngineHost({ nodeId, members, create, rule, maxTransactions }, this));
    for (const host of this.hosts) this.#byId.set(host.nodeId, host);
  }

  /** All hosts, linked. */
  startAll(): void {
    for (const host of this.hosts) this.start(host);
    if (!this.#isAnnouncing) this.#announce();
  }

  start(host: EngineHost): void {
    host.start();
    for (const other of this.hosts) {
      if (other === host || !other.isUp) continue;
      other.tell({ kind: 'peerUp', nodeId: host.nodeId });
      host.tell({ kind: 'peerUp', nodeId: other.nodeId });
    }
  }

  /** It dies, and the others notice. */
  crash(host: EngineHost): void {
    host.crash();
    for (const other of this.hosts) if (other !== host) other.tell({ kind: 'peerDown', nodeId: host.nodeId });
  }

  /** Clients send so many transactions to everybody. */
  submit(count: number): void {
    for (let i = 0; i < count; i++) this.#wanted.push(engineTransaction(this.#wanted.length));
    for (const host of this.hosts) host.onWanted();
  }

  change(action: 'addSealer' | 'addObserver' | 'remove', target: number): void {
    this.#wanted.push(engineTransaction(this.#wanted.length, action, target));
    for (const host of this.hosts) host.onWanted();
  }

  run(durationMs: number): void {
    const untilMs = this.nowMs + durationMs;
    for (;;) {
      for (let next = this.#agenda.get(this.nowMs)?.shift(); next !== undefined;) {
        next();
        next = this.#agenda.get(this.nowMs)?.shift();
      }
      this.#agenda.delete(this.nowMs);
      if (this.nowMs >= untilMs) return;
      this.nowMs++;
    }
  }

  /** Runs until that is so. */
  runUntil(condition: () => boolean, withinMs: number): void {
    const deadlineMs = this.nowMs + withinMs;
    while (!condition()) {
      const heights = this.hosts.map(({ chain }) => chain.height).join(' ');
      invariant(this.nowMs < deadlineMs, 'compliance/progress', `heights ${heights} after ${withinMs} ms`);
      this.run(10);
    }
  }

  /** Runs until those hosts, which are all if none are named, hold everything that clients want. */
  runUntilDone(withinMs: number, hosts: readonly EngineHost[] = this.hosts): void {
    this.runUntil(() => hosts.every(({ chain }) => this.#wanted.every((hash) => chain.includes(hash))), withinMs);
    this.checkAgreement();
  }

  /** One block at each height over all chains, and no sign that an honest node signed two things. */
  checkAgreement(): void {
    const [longest] = this.hosts.map(({ chain }) => chain).toSorted((a, b) => b.height - a.height);
    for (const { chain, evidence, nodeId } of this.hosts) {
      for (let height = 1; height <= chain.height; height++) {
        const isSame = equalBytes(chain.hashAt(height)!, longest!.hashAt(height)!);
        invariant(isSame, 'compliance/agreement', `height ${height} of ${nodeId.slice(0, 4)}`);
      }
      for (const { kind } of evidence) invariant(kind === 'badProposal', 'compliance/evidence', kind);
    }
  }

  after(delayMs: number, run: () => void): void {
    const atMs = this.nowMs + delayMs;
    const known = this.#agenda.get(atMs);
    if (known === undefined) this.#agenda.set(atMs, [run]);
    else known.push(run);
  }

  send(from: NodeId, to: NodeId, payload: Uint8Array): void {
    const [sender, receiver] = [this.#byId.get(from)!, this.#byId.get(to)];
    if (receiver === undefined) return;
    this.sentMessages++;
    this.onSend(sender, receiver, payload);
    this.#checkStatements(sender, to, payload);
    if (this.#isCut(sender, receiver)) return;
    this.after(1 + this.random.below(4), () => receiver.tell({ kind: 'message', from, payload: payload.slice() }));
  }

  /** Block sync tells all members of new blocks: engines talk to those who vote. A sealer seldom needs it. */
  #announce(round = 0): void {
    this.#isAnnouncing = true;
    for (const host of this.hosts) {
      const isSealer = host.chain.state.sealers.includes(host.nodeId);
      if (!host.isUp || (isSealer && round % SEALER_ROUNDS !== 0)) continue;
      const source = this.random.pick(this.hosts);
      const { sealers, observers } = source.chain.state;
      if (this.#isCut(source, host) || !source.isUp || ![...sealers, ...observers].includes(host.nodeId)) continue;
      host.adopt(source.chain, source.chain.height);
    }
    this.after(STATUS_EVERY_MS, () => this.#announce(round + 1));
  }

  #isCut(from: EngineHost, to: EngineHost): boolean {
    return this.cut.has(`${this.hosts.indexOf(from)}>${this.hosts.indexOf(to)}`);
  }

  /** What a node has said once in a slot of its protocol it must say for ever, in all its lives. */
  #checkStatements(sender: EngineHost, to: NodeId, payload: Uint8Array): void {
    for (const { slot, content } of this.#statementsIn(payload, to)) {
      const key = `${sender.nodeId} ${slot}`;
      const first = this.#statements.get(key) ?? content;
      this.#statements.set(key, first);
      invariant(first === content, 'compliance/contradiction', `${slot} of ${sender.nodeId.slice(0, 4)}`);
    }
  }

  wanted(): readonly Uint8Array[] {
    return this.#wanted;
  }

  chainOf(nodeId: NodeId): EngineChain | undefined {
    return this.#byId.get(nodeId)?.chain;
  }
}
