/**
 * Cores without anything around them: an explicit pool of messages, disks that hold what was written, one clock. For
 * the scripts (script.ts) and for random runs; both check the same invariants after every step.
 */
import { utf8Text } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { type Configuration, createConfiguration } from '../core/configuration.js';
import type { Entry } from '../core/entry.js';
import { accept } from '../core/follower.js';
import type { CompactionPoint } from '../core/log.js';
import type { Outgoing, RaftMessage } from '../core/messages.js';
import { takeReady } from '../core/ready.js';
import { installSnapshot } from '../core/snapshot.js';
import { createCore, type HardState, type RaftCore } from '../core/state.js';
import { step } from '../core/step.js';
import { tick } from '../core/tick.js';
import type { RaftTuning } from '../core/tuning.js';
import { CoreChecker } from './coreChecker.js';
import { describeEntry, describeMessage, describeWrite } from './describe.js';

export const TEST_TUNING: RaftTuning = {
  electionTimeoutMs: 1000,
  heartbeatIntervalMs: 100,
  flow: { maxInflightMessages: 4, maxInflightBytes: 1000 },
  maxMessageBytes: 200,
  maxMessageEntries: 8,
  maxUncommittedBytes: 500,
  promotionLagEntries: 2,
};

interface Disk {
  isRecorded: boolean;
  hardState: HardState;
  compaction: CompactionPoint;
  entries: Map<number, Entry>;
}

export interface TestNode {
  readonly id: string;
  /** Undefined while it is down. */
  core: RaftCore | undefined;
  readonly disk: Disk;
  /** Texts of the data entries, in order: the application. */
  applied: string[];
  appliedIndex: number;
  /** The application accepts nothing at present. */
  isHolding: boolean;
}

export interface Envelope extends Outgoing {
  readonly from: string;
}

export class Cluster {
  readonly nodes = new Map<string, TestNode>();
  readonly checker = new CoreChecker();
  pool: Envelope[] = [];
  nowMs = 0;
  /** Told of everything; `detail` for what only matters in a close look. */
  trace: (text: string, detail: boolean) => void = () => {};
  readonly #configuration: Configuration;
  readonly #tuning: RaftTuning;
  readonly #cut = new Set<string>();

  constructor(voters: readonly string[], learners: readonly string[] = [], tuning: Partial<RaftTuning> = {}) {
    this.#configuration = createConfiguration(voters, learners);
    this.#tuning = { ...TEST_TUNING, ...tuning };
    for (const id of [...voters, ...learners]) this.add(id);
  }

  /** A node with an empty disk, which believes in the first configuration. */
  add(id: string): void {
    const disk = {
      isRecorded: false,
      hardState: { term: 0, vote: undefined, committed: 0 },
      compaction: { index: 0, term: 0, configuration: this.#configuration, height: 0 },
      entries: new Map<number, Entry>(),
    };
    this.nodes.set(id, { id, core: undefined, disk, applied: [], appliedIndex: 0, isHolding: false });
    this.start(id);
  }

  node(id: string): TestNode {
    const node = this.nodes.get(id);
    invariant(node !== undefined, 'raft/unknown-node', id);
    return node;
  }

  core(id: string): RaftCore {
    const { core } = this.node(id);
    invariant(core !== undefined, 'raft/node-is-down', id);
    return core;
  }

  start(id: string): void {
    const node = this.node(id);
    const { isRecorded, hardState, compaction } = node.disk;
    const entries: Entry[] = [];
    for (let index = compaction.index + 1; node.disk.entries.has(index); index++) {
      entries.push(node.disk.entries.get(index)!);
    }
    invariant(entries.length === node.disk.entries.size, 'raft/gap-on-disk', id);
    node.core = createCore(id, this.#tuning, { isRecorded, hardState, compaction, entries }, node.applied.length);
    node.appliedIndex = compaction.index;
    tick(node.core, this.nowMs);
    this.settle(node);
  }

  crash(id: string): void {
    this.node(id).core = undefined;
  }

  /** Does something to a node, then what follows from it: write, send, apply. */
  act(id: string, action: (core: RaftCore) => void): void {
    const node = this.node(id);
    if (node.core === undefined) return;
    const { role, term } = node.core;
    action(node.core);
    this.settle(node, role, term);
  }

  /** Time passes at one node, or everywhere. */
  tick(nowMs: number, only?: string): void {
    this.nowMs = Math.max(this.nowMs, nowMs);
    for (const { id } of this.nodes.values()) {
      if (only === undefined || only === id) this.act(id, (core) => tick(core, nowMs));
    }
  }

  /** Takes messages out of the pool that `wanted` says and hands them over. @returns how many */
  deliver(wanted: (envelope: Envelope) => boolean = () => true, keeps = false): number {
    const due = this.pool.filter(wanted);
    if (!keeps) this.pool = this.pool.filter((envelope) => !wanted(envelope));
    for (const { from, to, message } of due) this.receive(from, to, message);
    return due.length;
  }

  receive(from: string, to: string, message: RaftMessage): void {
    if (this.#cut.has(`${from} ${to}`) || !this.nodes.has(to)) return;
    this.act(to, (core) => step(core, from, message));
  }

  cut(a: string, b: string): void {
    this.#cut.add(`${a} ${b}`).add(`${b} ${a}`);
  }

  mend(): void {
    this.#cut.clear();
  }

  /** The application of a node takes over what the furthest has, as block sync would. */
  sync(id: string): void {
    let best: readonly string[] = [];
    for (const { applied } of this.nodes.values()) if (applied.length > best.length) best = applied;
    const node = this.node(id);
    node.applied = [...best];
    this.act(id, (core) => this.#setHeight(core, node.applied.length));
  }

  /** What a node's core asked for. */
  settle(node: TestNode, roleBefore?: string, termBefore?: number): void {
    const core = node.core!;
    if (!node.isHolding && core.role === 'follower') accept(core, core.log.lastIndex);
    if (core.role !== roleBefore || core.term !== termBefore) {
      if (roleBefore !== undefined) this.trace(`${node.id} is ${core.role} in term ${core.term}`, false);
    }
    for (let isMore = true; isMore; isMore = this.#apply(node)) {
      const { write, messages } = takeReady(core);
      if (write !== undefined) {
        this.#write(node.disk, write);
        this.trace(`${node.id} writes ${describeWrite(write)}`, true);
      }
      for (const { to, message } of messages) {
        this.checker.checkSent(node.id, core, message);
        this.pool.push({ from: node.id, to, message });
        this.trace(`${node.id} → ${to} ${describeMessage(message)}`, true);
      }
    }
    this.checker.check(this.nodes.values());
  }

  #write(disk: Disk, write: NonNullable<ReturnType<typeof takeReady>['write']>): void {
    disk.isRecorded = true;
    disk.hardState = write.hardState;
    if (write.compaction !== undefined) disk.compaction = write.compaction;
    for (const { from, to } of write.deletions) for (let index = from; index <= to; index++) disk.entries.delete(index);
    for (const entry of write.entries) disk.entries.set(entry.index, entry);
  }

  /** Applies what is committed. @returns whether that gave the core something new to ask for */
  #apply(node: TestNode): boolean {
    const core = node.core!;
    let hasApplied = false;
    node.appliedIndex = Math.max(node.appliedIndex, core.log.compaction.index);
    while (node.appliedIndex < core.log.committed) {
      const entry = core.log.entry(++node.appliedIndex)!;
      this.trace(`${node.id} commits ${describeEntry(entry)}`, false);
      hasApplied = true;
      if (entry.content.kind !== 'data') continue;
      const height = this.checker.heightOf(entry);
      const text = utf8Text(entry.content.data);
      if (height > node.applied.length) node.applied.push(text);
      invariant(node.applied[height - 1] === text, 'raft/applied-differs', `${node.id} ${height}`);
    }
    if (hasApplied) this.#setHeight(core, node.applied.length);
    return hasApplied;
  }

  #setHeight(core: RaftCore, height: number): void {
    core.height = height;
    installSnapshot(core);
  }
}
