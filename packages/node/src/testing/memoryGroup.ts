import { invariant } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Ledger } from '@menglian/ledger/ledger';
import { STATE_CACHE_BYTES } from '@menglian/ledger/limits';
import { DEFAULT_LEVEL_TUNING } from '@menglian/storage/levelStore';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import type { KeyValueStore } from '@menglian/storage/ports';
import type { NodeId } from '@menglian/types/address';
import { toHex } from '@menglian/base/bytes';
import type { GenesisConfig } from '@menglian/types/genesis';
import { SYSTEM_CLOCK, SYSTEM_TIMERS } from '../group/clock.js';
import type { DiskLimit } from '../group/diskQuota.js';
import type { GroupHost } from '../group/groupHost.js';
import type { LedgerGroupView } from '../group/groupView.js';
import { RunningGroup } from '../group/runningGroup.js';
import type { SnapshotTuning } from '../group/snapshotMaker.js';
import type { Plane } from '../group/threadProtocol.js';

/** A node of a group that lives in this process, its disk in memory and its links made of calls. */
export interface MemoryNode {
  readonly nodeId: NodeId;
  readonly group: RunningGroup;
  readonly host: GroupHost;
  readonly view: LedgerGroupView;
  readonly ledger: Ledger;
  readonly store: KeyValueStore;
  readonly logs: string[];
}

/** What a link does with a message: tests cut, delay and tamper here. */
export type Link = (from: NodeId, to: NodeId, plane: Plane, payload: Uint8Array) => Uint8Array | undefined;

/** A whole group in one process, for tests of the host: real engine, pool, sync, ledger and execution. */
export class MemoryGroup {
  readonly suite: CryptoSuite;
  readonly genesis: GenesisConfig;
  readonly keys: readonly Uint8Array[];
  readonly nodes = new Map<NodeId, MemoryNode>();
  readonly failures: unknown[] = [];
  /** Why a node has no room on its disk, by its index. */
  readonly full = new Map<number, string>();
  link: Link = (_from, _to, _plane, payload) => payload;
  readonly #minBlockTimeMs: number;
  readonly #snapshots: SnapshotTuning;

  constructor(
    suite: CryptoSuite,
    options: {
      readonly count: number;
      readonly minBlockTimeMs?: number;
      /** what differs from a PBFT group of all nodes */
      readonly genesis?: Partial<GenesisConfig>;
      readonly snapshots?: SnapshotTuning;
    },
  ) {
    const random = new SeededRandom(options.count);
    const keys = Array.from({ length: options.count }, () => random.bytes(32));
    const pairs = keys.map((key) => ({ key, nodeId: toHex(suite.publicKey(key)) }));
    const sorted = pairs.toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
    this.suite = suite;
    this.keys = sorted.map(({ key }) => key);
    this.#minBlockTimeMs = options.minBlockTimeMs ?? 0;
    this.#snapshots = options.snapshots ?? { interval: 0, maxBytes: 0, minimumHeight: Infinity };
    this.genesis = {
      groupId: 1,
      timestampMs: 1_600_000_000_000,
      sealers: sorted.map(({ nodeId }) => nodeId),
      consensusType: 'pbft',
      maxTransactions: 1000,
      consensusTimeoutSeconds: 3,
      gasLimit: 300_000_000n,
      epochSealerCount: options.count,
      epochBlockCount: 1000,
      freeStorage: false,
      stateType: 'storage',
      ...options.genesis,
    };
  }

  /** Starts a node, on an empty store or on the one it had before, and links it with the running ones. */
  async start(index: number, store: KeyValueStore = openMemoryStore()): Promise<MemoryNode> {
    const { suite, genesis } = this;
    const nodeId = genesis.sealers[index]!;
    const logs: string[] = [];
    const opened = await RunningGroup.open(
      {
        chainId: 1,
        nodeId,
        privateKey: this.keys[index]!,
        genesis,
        tuning: {
          minBlockGenerationTimeMs: this.#minBlockTimeMs,
          poolTransactionsMax: 100_000,
          poolBytesMax: 100_000_000,
          transactionExpirationMs: 600_000,
          parallelExecution: false,
          diskQuotaBytes: 0,
          requestsPerSecond: 0,
          sdkAllowList: [],
          storage: { ...DEFAULT_LEVEL_TUNING, stateCacheBytes: STATE_CACHE_BYTES },
          snapshots: this.#snapshots,
        },
        actAsGroupMember: false,
      },
      {
        suite,
        // What these tests execute recovers no key.
        ecdsa: suite,
        store,
        clock: SYSTEM_CLOCK,
        timers: SYSTEM_TIMERS,
        disk: fullWhere(() => this.full.get(index)),
        send: (to, plane, payload) => {
          for (const receiver of to) this.#deliver(nodeId, receiver, plane, payload);
        },
        log: (level, text) => logs.push(`${level} ${text}`),
        onHead: () => {},
        fail: (error) => this.failures.push(error),
      },
    );
    invariant(opened.ok, 'node/test-group', opened.ok ? '' : opened.reason);
    const group = opened.value;
    const node: MemoryNode = {
      nodeId,
      group,
      store,
      logs,
      get host() {
        return group.host;
      },
      get view() {
        return group.view;
      },
      get ledger() {
        return group.ledger;
      },
    };
    group.start();
    for (const other of this.nodes.values()) {
      other.group.onPeer('peerUp', nodeId);
      group.onPeer('peerUp', other.nodeId);
    }
    this.nodes.set(nodeId, node);
    return node;
  }

  /** Takes a node away at once, as a crash does; its store keeps what was written. */
  async crash(index: number): Promise<MemoryNode> {
    const nodeId = this.genesis.sealers[index]!;
    const node = this.nodes.get(nodeId)!;
    this.nodes.delete(nodeId);
    for (const other of this.nodes.values()) other.group.onPeer('peerDown', nodeId);
    await node.group.stop();
    return node;
  }

  async stop(): Promise<void> {
    const nodes = [...this.nodes.values()];
    this.nodes.clear();
    await Promise.all(nodes.map(({ group }) => group.stop()));
  }

  #deliver(from: NodeId, to: NodeId, plane: Plane, payload: Uint8Array): void {
    setImmediate(() => {
      const node = this.nodes.get(to);
      if (node === undefined || !this.nodes.has(from)) return;
      const delivered = this.link(from, to, plane, payload);
      if (delivered !== undefined) node.group.onMessage(from, plane, delivered);
    });
  }
}

function fullWhere(refusal: () => string | undefined): DiskLimit {
  return {
    get refusal() {
      return refusal();
    },
  };
}
