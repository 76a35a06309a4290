import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { STATE_CACHE_BYTES } from '@menglian/ledger/limits';
import type { Plane } from '@menglian/node/group/threadProtocol';
import { DEFAULT_LEVEL_TUNING } from '@menglian/storage/levelStore';
import type { NodeId } from '@menglian/types/address';
import type { GenesisConfig } from '@menglian/types/genesis';
import { Audit } from './audit.js';
import { Bank } from './bank.js';
import { Clients } from './clients.js';
import { HostileWire } from './hostileWire.js';
import { Links, type Packet } from './links.js';
import { Statements } from './statements.js';
import { createTableSuite } from './tableSuite.js';
import { VirtualTime } from './virtualTime.js';
import { WholeNode, type WholeNodeEvents } from './wholeNode.js';
import type { WholeOptions } from './wholeOptions.js';

const CHAIN_ID = 1;
const SNAPSHOT_BYTES_MAX = 10_000_000;
/** Lines of the story that are kept: a failing run shows its end. */
const STORY_LINES_MAX = 4000;
/** A node learns that a session came or went within this time. */
const NOTICE_MS = 1000;

/** A cluster with everything around it. One seed makes one world. */
export class WholeWorld implements WholeNodeEvents {
  readonly options: WholeOptions;
  readonly random: SeededRandom;
  readonly time = new VirtualTime();
  readonly suite: CryptoSuite = createTableSuite();
  readonly genesis: GenesisConfig;
  readonly bank: Bank;
  readonly links: Links;
  readonly clients: Clients;
  readonly audit: Audit;
  readonly marks = new Map<string, number>();
  readonly story: string[] = [];
  /** Sealers first, then outsiders, then twins. */
  readonly nodes: readonly WholeNode[];
  /** The first thing that went wrong. */
  violation: unknown;
  isChaos = true;
  /** Bytes and messages sent, for bounds on an idle cluster. */
  sentMessages = 0;
  sentBytes = 0;
  readonly #hostile: HostileWire;
  readonly #statements: Statements;
  readonly #byNodeId = new Map<NodeId, WholeNode[]>();
  readonly #fingerprint = new Uint32Array([0x811c9dc5, 0x01234567]);

  constructor(options: WholeOptions) {
    this.options = options;
    this.random = new SeededRandom(options.seed);
    const { random, suite, time } = this;
    const keys = Array.from({ length: options.sealers + options.outsiders }, () => random.bytes(32));
    const identities = keys
      .map((privateKey) => ({ privateKey, nodeId: toHex(suite.publicKey(privateKey)) }))
      .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
    this.genesis = {
      groupId: 1,
      timestampMs: 1_600_000_000_000,
      sealers: identities.slice(0, options.sealers).map(({ nodeId }) => nodeId),
      consensusType: options.engine,
      maxTransactions: options.maxTransactions,
      consensusTimeoutSeconds: 3,
      gasLimit: 300_000_000n,
      epochSealerCount: options.epochSealers,
      epochBlockCount: options.epochBlocks,
      freeStorage: false,
      stateType: 'storage',
    };
    const twins = identities.slice(0, options.twins);
    this.nodes = [...identities, ...twins].map((identity, index) => {
      const node = new WholeNode(
        time,
        {
          ...identity,
          index,
          suite,
          genesis: this.genesis,
          chainId: CHAIN_ID,
          diskSpeed: options.disk,
          tuning: {
            minBlockGenerationTimeMs: options.minBlockTimeMs,
            poolTransactionsMax: options.poolMax,
            poolBytesMax: 100_000_000,
            transactionExpirationMs: 600_000,
            parallelExecution: false,
            diskQuotaBytes: 0,
            requestsPerSecond: 0,
            sdkAllowList: [],
            storage: { ...DEFAULT_LEVEL_TUNING, stateCacheBytes: STATE_CACHE_BYTES },
            snapshots: {
              interval: options.snapshotInterval,
              maxBytes: SNAPSHOT_BYTES_MAX,
              minimumHeight: Math.max(1, options.snapshotInterval),
            },
          },
        },
        random.nextUint32(),
        this,
      );
      this.#byNodeId.set(node.nodeId, [...(this.#byNodeId.get(node.nodeId) ?? []), node]);
      return node;
    });
    this.bank = new Bank(suite, random, { chainId: CHAIN_ID, groupId: 1 });
    this.links = new Links(time, random, options.links, (packet) => this.#deliver(packet));
    this.clients = new Clients({ bank: this.bank, time, random }, () => this.members(), options.clientPauseMs);
    this.audit = new Audit({ suite, genesis: this.genesis, clients: this.clients });
    this.#statements = new Statements(suite, options.engine, { chainId: BigInt(CHAIN_ID), groupId: 1 });
    this.#hostile = new HostileWire(random);
  }

  get fingerprint(): string {
    return [...this.#fingerprint].map((half) => half.toString(16).padStart(8, '0')).join('');
  }

  isHostile(node: WholeNode): boolean {
    const first = this.#byNodeId.get(node.nodeId)![0]!;
    return first.index < this.options.hostile;
  }

  /** Nodes that are judged: neither hostile nor with a spoilt disk. */
  honest(): WholeNode[] {
    return this.nodes.filter((node) => !this.isHostile(node) && !node.isSpoilt);
  }

  /** Honest nodes that work and belong to the group as the highest of them sees it. */
  members(): WholeNode[] {
    const running = this.honest().filter((node) => node.group !== undefined);
    const [highest] = running.toSorted((a, b) => b.height - a.height);
    if (highest === undefined) return [];
    const { sealers, observers } = highest.group!.ledger.membership();
    const ids = new Set([...sealers, ...observers]);
    return running.filter((node) => ids.has(node.nodeId));
  }

  mark(name: string): void {
    this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
  }

  tell(who: string, text: string): void {
    this.story.push(`${(this.time.nowMs / 1000).toFixed(3).padStart(9)} ${who.padEnd(4)} ${text}`);
    if (this.story.length > STORY_LINES_MAX) this.story.splice(0, STORY_LINES_MAX / 2);
  }

  /** Runs for so long, unless a rule is broken before. */
  async run(durationMs: number): Promise<void> {
    const untilMs = this.time.nowMs + durationMs;
    while (this.time.nowMs < untilMs) {
      await this.time.runUntil(Math.min(untilMs, this.time.nowMs + 50));
      if (this.violation !== undefined) throw this.violation;
      this.#checkBounds();
    }
  }

  /** Links have changed: both ends of each notice sooner or later. */
  reviewSessions(nodes: readonly WholeNode[] = this.nodes): void {
    for (const node of nodes) {
      for (const other of this.nodes) {
        if (other.nodeId === node.nodeId) continue;
        this.#review(node, other);
        this.#review(other, node);
      }
    }
  }

  send(node: WholeNode, to: readonly NodeId[], plane: Plane, payload: Uint8Array): void {
    for (const nodeId of to) {
      for (const { index } of this.#byNodeId.get(nodeId) ?? []) {
        const packet = { from: node.index, to: index, plane, payload };
        this.sentMessages++;
        this.sentBytes += payload.length;
        this.#note(packet);
        this.mark(`sent:${plane}`);
        if (plane === 'consensus' && !this.isHostile(node) && !node.isSpoilt) {
          this.#judge(() => this.#statements.check(node, nodeId, payload));
        }
        if (this.options.hostile > 0) this.#hostile.overhear(packet);
        const packets = this.isHostile(node) ? this.#hostile.bend(packet) : [packet];
        for (const one of packets) this.links.send(one);
      }
    }
  }

  onStarted(node: WholeNode): void {
    this.tell(`n${node.index}`, `works from block ${node.height}`);
    this.#judge(() => {
      if (!this.isHostile(node) && !node.isSpoilt) this.audit.onStarted(node);
    });
    this.reviewSessions([node]);
  }

  onHead(node: WholeNode): void {
    const { number, hash } = node.group!.ledger.head();
    this.tell(`n${node.index}`, `block ${number} ${toHex(hash).slice(0, 6)}`);
    this.#mix(hash);
    this.#judge(() => {
      if (!this.isHostile(node) && !node.isSpoilt) this.audit.onHead(node);
    });
  }

  onDown(node: WholeNode, why: string): void {
    this.tell(`n${node.index}`, `is down: ${why}`);
    this.reviewSessions([node]);
  }

  onFailure(node: WholeNode, error: unknown): void {
    this.tell(`n${node.index}`, `stopped by itself: ${String(error)}`);
    if (!this.isHostile(node)) this.violation ??= error;
  }

  log(node: WholeNode, text: string): void {
    if (/\[ViewEntered\] view=[1-9]/.test(text)) this.mark('viewEntered');
    if (text.includes('[Evidence]')) this.mark('evidence');
    if (text.includes('[BadBlock]')) this.mark('badBlock');
    if (text.includes('[Installed]')) this.mark('snapshotInstalled');
    if (text.includes('Report,')) return;
    this.tell(`n${node.index}`, text);
  }

  #deliver({ from, to, plane, payload }: Packet): void {
    const [sender, receiver] = [this.nodes[from]!, this.nodes[to]!];
    // A session ends with the process that held it.
    if (receiver.group === undefined) return;
    receiver.receive(sender.nodeId, plane, payload);
  }

  #review(node: WholeNode, other: WholeNode): void {
    this.time.after(this.random.below(NOTICE_MS), () => {
      const peers = this.#byNodeId.get(other.nodeId)!;
      const isLinked = peers.some(
        (peer) =>
          peer.group !== undefined &&
          !this.links.isCut(node.index, peer.index) &&
          !this.links.isCut(peer.index, node.index),
      );
      if (node.group === undefined || node.group.host.isConnected(other.nodeId) === isLinked) return;
      node.notice(isLinked ? 'peerUp' : 'peerDown', other.nodeId);
    });
  }

  /** S14: what a node keeps has a bound, whatever it is sent. */
  #checkBounds(): void {
    for (const node of this.honest()) {
      const pending = node.group?.view.pendingCount() ?? 0;
      if (pending > this.options.poolMax) this.violation ??= new Error(`sim/S14: node ${node.index} pools ${pending}`);
    }
  }

  #judge(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.violation ??= error;
    }
  }

  #note({ from, to, payload }: Packet): void {
    this.#mixNumber(this.time.nowMs);
    this.#mixNumber(from * 64 + to);
    this.#mix(payload);
  }

  #mix(bytes: Uint8Array): void {
    for (const byte of bytes) this.#mixNumber(byte);
  }

  #mixNumber(number: number): void {
    const halves = this.#fingerprint;
    halves[0] = Math.imul(halves[0]! ^ number, 0x01000193);
    halves[1] = Math.imul((halves[1]! << 5) ^ (halves[1]! >>> 27) ^ number, 0x85ebca6b);
  }
}
