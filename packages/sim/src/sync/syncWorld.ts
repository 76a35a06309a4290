import { equalBytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import {
  BLOCK_RESPONSE_BYTES_MAX,
  DOWNLOADED_BYTES_MAX,
  REQUESTS_MAX,
  SERVE_QUEUE_MAX,
  WINDOW_BLOCKS,
} from '@menglian/sync/limits';
import { encodeSyncMessage, type SyncMessage } from '@menglian/sync/messages';
import type { NodeId } from '@menglian/types/address';
import { Scheduler } from '../scheduler.js';
import { fakeSnapshot } from './fakeSnapshot.js';
import { type Lie, twist } from './liars.js';
import { nodeIdOf, type SyncChain } from './syncChain.js';
import { type SyncDisk, SyncNode } from './syncNode.js';

const TICK_MS = 50;

/** A flooder repeats itself this often. */
const FLOOD_MS = 40;

export interface SyncLinks {
  lossPercent: number;
  minimumDelayMs: number;
  /** Delays are spread evenly up to this much above the minimum. */
  delaySpreadMs: number;
}

export interface SyncMemberOptions {
  readonly head: number;
  readonly lie?: Lie | undefined;
  /** Stores what consensus decides while it is at the tip. */
  readonly isFollowing?: boolean;
}

interface Member {
  readonly index: number;
  readonly nodeId: NodeId;
  readonly disk: SyncDisk;
  readonly lie: Lie | undefined;
  readonly isFollowing: boolean;
  node: SyncNode | undefined;
  /** Counts starts: what an earlier life had planned does not happen. */
  life: number;
  stored: number;
  requests: number;
  upSinceMs: number;
}

export interface SyncWorldOptions {
  readonly seed: number;
  readonly chain: SyncChain;
  readonly links: SyncLinks;
  readonly snapshotEvery: number;
  readonly snapshotGap: number;
}

/** Nodes, links and time of one simulation of sync, and the rules that must never break. */
export class SyncWorld {
  readonly scheduler = new Scheduler();
  readonly members: Member[] = [];
  readonly marks = new Set<string>();
  readonly links: SyncLinks;
  /** Called with what happens, for transcripts. */
  trace: (member: number, text: string) => void = () => {};
  readonly #options: SyncWorldOptions;
  readonly #random: SeededRandom;
  readonly #cut = new Set<string>();
  #digest = 0;

  constructor(options: SyncWorldOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.links = options.links;
  }

  /** A running hash of everything that was sent: equal seeds must give equal ones. */
  get digest(): number {
    return this.#digest;
  }

  add(options: SyncMemberOptions): number {
    const index = this.members.length;
    const disk: SyncDisk = { base: 0, head: options.head, path: new Set(), staged: undefined };
    const rest = { node: undefined, life: 0, stored: 0, requests: 0, upSinceMs: 0 };
    const { lie, isFollowing = false } = options;
    this.members.push({ index, nodeId: nodeIdOf(index), disk, lie, isFollowing, ...rest });
    return index;
  }

  start(index: number): void {
    const member = this.members[index]!;
    invariant(member.node === undefined, 'sim/sync-start-twice');
    const life = ++member.life;
    const { chain, snapshotEvery, snapshotGap } = this.#options;
    member.upSinceMs = this.scheduler.nowMs;
    const isAlive = () => member.life === life && member.node !== undefined;
    const node = new SyncNode(
      { nodeId: member.nodeId, chain, disk: member.disk, snapshotEvery, snapshotGap },
      {
        send: (to, message) => this.#send(member, to, message),
        peers: () => this.#peersOf(index).map((peer) => peer.nodeId),
        later: (delayMs, run) => this.scheduler.after(delayMs, () => isAlive() && run()),
        nowMs: () => this.scheduler.nowMs,
        stored: (number, block) => this.#onStored(member, number, block),
        installed: (height, chunks) => this.#onInstalled(member, height, chunks),
        trace: (text) => this.#note(member, text),
      },
    );
    member.node = node;
    for (const peer of this.#peersOf(index)) {
      node.onPeerUp(peer.nodeId);
      peer.node?.onPeerUp(member.nodeId);
    }
    const tick = () => {
      if (!isAlive()) return;
      node.tick();
      this.#checkBounds(member);
      this.scheduler.after(TICK_MS, tick);
    };
    this.scheduler.after(this.#random.below(TICK_MS), tick);
    if (member.lie === 'flooder') this.#flood(member, isAlive);
  }

  stop(index: number): void {
    const member = this.members[index]!;
    if (member.node === undefined) return;
    member.requests += member.node.requests;
    member.node = undefined;
    for (const peer of this.#peersOf(index)) peer.node?.onPeerDown(member.nodeId);
  }

  cut(a: number, b: number): void {
    if (this.#isCut(a, b)) return;
    this.#cut.add(linkName(a, b));
    this.members[a]!.node?.onPeerDown(this.members[b]!.nodeId);
    this.members[b]!.node?.onPeerDown(this.members[a]!.nodeId);
  }

  mend(): void {
    const links = [...this.#cut].map((name) => name.split('-').map(Number) as [number, number]);
    this.#cut.clear();
    for (const [a, b] of links) {
      const [left, right] = [this.members[a]!, this.members[b]!];
      if (left.node === undefined || right.node === undefined) continue;
      left.node.onPeerUp(right.nodeId);
      right.node.onPeerUp(left.nodeId);
    }
  }

  /** Consensus decides more blocks: those who follow and are at the tip have them at once. */
  grow(blocks: number): void {
    for (let i = 0; i < blocks; i++) {
      this.#options.chain.grow(1);
      const tip = this.#options.chain.height;
      for (const { node, isFollowing, disk } of this.members) {
        if (node !== undefined && isFollowing && disk.head === tip - 1) node.onConsensus();
      }
    }
  }

  #peersOf(index: number): Member[] {
    return this.members.filter((peer) => peer.index !== index && peer.node && !this.#isCut(index, peer.index));
  }

  #isCut(a: number, b: number): boolean {
    return this.#cut.has(linkName(a, b));
  }

  #send(from: Member, to: NodeId, message: SyncMessage): void {
    const receiver = this.members.find(({ nodeId }) => nodeId === to);
    if (receiver === undefined) return;
    this.#traceSent(from, receiver, message);
    if (from.lie === undefined) return this.#transmit(from, receiver, message, 0);
    const context = { nodeId: from.nodeId, chain: this.#options.chain, random: this.#random };
    const { messages, delayMs } = twist(from.lie, message, context);
    for (const twisted of messages) this.#transmit(from, receiver, twisted, delayMs);
  }

  #transmit(from: Member, to: Member, message: SyncMessage, delayMs: number): void {
    const payload = encodeSyncMessage(message);
    this.#digest =
      (Math.imul(this.#digest, 31) + payload.length * 7 + payload[1]! + to.index + this.scheduler.nowMs) >>> 0;
    const { lossPercent, minimumDelayMs, delaySpreadMs } = this.links;
    if (this.#random.chance(lossPercent)) return;
    const travelMs = minimumDelayMs + (delaySpreadMs > 0 ? this.#random.below(delaySpreadMs) : 0);
    this.scheduler.after(delayMs + travelMs, () => {
      const isLinked = !this.#isCut(from.index, to.index) && from.node !== undefined;
      if (isLinked) to.node?.receive(from.nodeId, payload);
    });
  }

  #traceSent(from: Member, to: Member, message: SyncMessage): void {
    const name = memberName(to.index);
    switch (message.kind) {
      case 'blockRequest':
        return this.#note(from, `asks ${name} for blocks ${message.first} to ${message.first + message.count - 1}`);
      case 'offerRequest':
        return this.#note(from, `asks ${name} which snapshots it has`);
      case 'headerRequest':
        return this.#note(from, `asks ${name} for header ${message.number}, above ${message.above}`);
      case 'manifestRequest':
        return this.#note(from, `asks ${name} for the manifest of ${message.height}`);
      case 'chunkRequest':
        return this.#note(from, `asks ${name} for chunk ${message.index} of ${message.height}`);
      default:
    }
  }

  #note(member: Member, text: string): void {
    this.marks.add(`${text.slice(0, text.indexOf(' '))}${text.includes('snapshot') ? ' snapshot' : ''}`);
    this.trace(member.index, text);
  }

  #flood(member: Member, isAlive: () => boolean): void {
    if (!isAlive()) return;
    for (const peer of this.#peersOf(member.index)) this.#send(member, peer.nodeId, member.node!.status());
    this.scheduler.after(FLOOD_MS, () => this.#flood(member, isAlive));
  }

  /** Nothing is stored but the one chain, in order. */
  #onStored(member: Member, number: number, block: Uint8Array): void {
    member.stored++;
    invariant(equalBytes(block, this.#options.chain.block(number)), 'sim/sync-stored-forged', `block ${number}`);
    this.#note(member, `stores block ${number}`);
  }

  /** What is installed is the state of the group, and never over blocks. */
  #onInstalled(member: Member, height: number, chunks: readonly Uint8Array[]): void {
    const expected = fakeSnapshot(this.#options.chain, height);
    const isSame =
      chunks.length === expected.chunks.length &&
      chunks.every((chunk, index) => equalBytes(chunk, expected.chunks[index]!));
    invariant(isSame, 'sim/sync-installed-forged', `snapshot ${height}`);
    invariant(member.stored === 0, 'sim/sync-installed-over-blocks');
    this.#note(member, `installs snapshot ${height}`);
    // The host opens its ledger anew.
    this.scheduler.after(0, () => {
      if (member.node === undefined) return;
      this.stop(member.index);
      this.start(member.index);
    });
  }

  /** Whatever peers do, what a node keeps and asks for has an end. */
  #checkBounds(member: Member): void {
    const { node } = member;
    if (node === undefined || member.lie !== undefined) return;
    const { requests, blocks, bytes } = node.sync.load;
    invariant(requests <= REQUESTS_MAX, 'sim/sync-requests', String(requests));
    invariant(blocks <= WINDOW_BLOCKS, 'sim/sync-window', String(blocks));
    const most = DOWNLOADED_BYTES_MAX + REQUESTS_MAX * BLOCK_RESPONSE_BYTES_MAX;
    invariant(bytes <= most, 'sim/sync-bytes', String(bytes));
    invariant(node.queue.size <= SERVE_QUEUE_MAX * this.members.length, 'sim/sync-serve-queue');
    const upSeconds = (this.scheduler.nowMs - member.upSinceMs) / 1000;
    // Two requests a block, and some each second in vain: a loop that sends without end breaks this at once.
    const allowed = 100 + 2 * member.stored + 10 * upSeconds;
    invariant(node.requests <= allowed, 'sim/sync-send-loop', `${node.requests} requests in ${upSeconds} s`);
  }
}

export function memberName(index: number): string {
  return String.fromCharCode(0x61 + index);
}

function linkName(a: number, b: number): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}
