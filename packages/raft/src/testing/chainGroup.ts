/**
 * Whole engines with the smallest host that keeps the port's promises: a ledger in memory, execution as a hash, block
 * sync as a copy, links of 10 ms, one clock. What the host does at once or late, and what it never does, is for tests.
 */
import { concatBytes, equalBytes, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type {
  ChainHead,
  ConsensusCrypto,
  ConsensusEngine,
  Effect,
  Evidence,
  Input,
  Proposal,
} from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { createRaft } from '../createRaft.js';
import type { RaftTiming } from '../timing.js';

const LINK_MS = 10;
const GROUP = { chainId: 1n, groupId: 1 };
export const GROUP_TIMING: RaftTiming = { electionTimeoutMs: 1000, heartbeatIntervalMs: 100, hintIntervalMs: 200 };

export interface Membership {
  readonly sealers: readonly string[];
  readonly observers: readonly string[];
}

type SealEffect = Extract<Effect, { kind: 'seal' }>;

interface StoredBlock {
  readonly proposal: Proposal;
  readonly digest: Uint8Array;
  readonly headerHash: Uint8Array;
  readonly signers: readonly string[];
}

export interface HostedNode {
  readonly id: string;
  engine: ConsensusEngine | undefined;
  readonly records: Map<string, Uint8Array>;
  readonly blocks: StoredBlock[];
  head: ChainHead;
  /** Transactions whose bodies this node cannot get. */
  readonly missing: Set<string>;
  /** Answers that wait for what is missing. */
  waiting: Input[];
  /** Executes wrongly from this height on. */
  divergesFrom: number;
  readonly stored: Set<string>;
  /** Asked for and not answered yet, because there was nothing to put into it. */
  sealRequest: SealEffect | undefined;
  readonly evidence: Evidence[];
  readonly asked: Effect[];
}

interface Event {
  readonly atMs: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** 32 bytes that depend on every byte; nobody here tries to find another preimage. */
function fakeHash(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  const data = concatBytes(...parts);
  for (let word = 0; word < 8; word++) {
    let mixed = 0x811c9dc5 ^ word;
    for (const byte of data) mixed = Math.imul(mixed ^ byte, 0x01000193);
    view.setUint32(4 * word, Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97) >>> 0);
  }
  return digest;
}

export function nodeIdOf(index: number): string {
  return toHex(new Uint8Array(64).fill(index + 1));
}

function cryptoOf(nodeId: string): ConsensusCrypto {
  const sign = (by: string, digest: Uint8Array): Uint8Array => fakeHash(fromHex(by), digest);
  return {
    hash: (data) => fakeHash(data),
    sign: (digest) => sign(nodeId, digest),
    verify: (by, digest, signature) => equalBytes(sign(by, digest), signature),
  };
}

export class ChainGroup {
  readonly nodes = new Map<string, HostedNode>();
  nowMs = 0;
  /** Transactions that clients have sent, all nodes know. */
  readonly pending = new Map<string, Uint8Array>();
  readonly #events: Event[] = [];
  #sequence = 0;
  #transactions = 0;
  /** Transactions that change the members of the next height. */
  readonly #changes = new Map<string, Membership>();
  readonly #cut = new Set<string>();
  readonly #genesis: Membership;

  constructor(sealers: number, observers = 0) {
    const ids = Array.from({ length: sealers + observers }, (_, i) => nodeIdOf(i));
    this.#genesis = { sealers: ids.slice(0, sealers), observers: ids.slice(sealers) };
    for (const id of ids) this.add(id);
  }

  add(id: string): void {
    const hash = fakeHash(utf8Bytes('genesis'));
    const head: ChainHead = {
      height: 0,
      hash,
      timestampMs: 0,
      order: { digest: hash, epoch: 0 },
      ...this.#genesis,
      settings: { maxTransactions: 2, consensusTimeoutMs: 3000 },
    };
    const fresh = { records: new Map(), blocks: [], missing: new Set<string>(), waiting: [], evidence: [], asked: [] };
    const idle = { engine: undefined, sealRequest: undefined, divergesFrom: Number.POSITIVE_INFINITY };
    this.nodes.set(id, { id, head, stored: new Set(), ...idle, ...fresh });
    this.start(id);
  }

  node(id: string): HostedNode {
    return this.nodes.get(id)!;
  }

  start(id: string): void {
    const node = this.node(id);
    const created = createRaft(
      {
        ...GROUP,
        nodeId: id,
        head: node.head,
        records: [...node.records].map(([key, value]) => ({ key, value })),
      },
      {
        crypto: cryptoOf(id),
        chain: {
          hashAt: (height) => node.blocks[height - 1]?.headerHash,
          orderAt: () => undefined,
        },
      },
      GROUP_TIMING,
    );
    invariant(created.ok, 'raft/test-start', created.ok ? '' : created.reason);
    node.engine = created.value;
    node.sealRequest = undefined;
    node.waiting = [];
    this.input(id, { kind: 'tick', nowMs: this.nowMs });
    this.#reportPending(node);
  }

  stop(id: string): void {
    this.node(id).engine = undefined;
  }

  /** What was missing has come. */
  retryVerifications(id: string): void {
    const node = this.node(id);
    for (const answer of node.waiting.splice(0)) this.input(id, answer);
  }

  cut(a: string, b: string): void {
    this.#cut.add(`${a} ${b}`).add(`${b} ${a}`);
  }

  isolate(id: string): void {
    for (const other of this.nodes.keys()) if (other !== id) this.cut(id, other);
  }

  mend(): void {
    this.#cut.clear();
  }

  /** A client's transaction. @param change what it makes of the members, if it is about that */
  submit(change?: Membership): string {
    const hash = fakeHash(utf8Bytes(`transaction ${++this.#transactions}`));
    const key = toHex(hash);
    if (change !== undefined) this.#changes.set(key, change);
    this.pending.set(key, hash);
    for (const node of this.nodes.values()) this.#reportPending(node);
    return key;
  }

  run(durationMs: number): void {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs;) {
      this.nowMs += LINK_MS;
      for (const id of this.nodes.keys()) this.input(id, { kind: 'tick', nowMs: this.nowMs });
      const due = this.#events.filter(({ atMs }) => atMs <= this.nowMs).sort((a, b) => a.sequence - b.sequence);
      for (const event of due) this.#events.splice(this.#events.indexOf(event), 1);
      for (const { run } of due) run();
    }
  }

  input(id: string, input: Input): void {
    const { engine } = this.node(id);
    if (engine === undefined) return;
    for (const effect of engine.step(input)) this.#perform(this.node(id), engine, effect);
  }

  leader(): HostedNode | undefined {
    return [...this.nodes.values()]
      .filter(({ id, engine }) => engine?.status().leader === id)
      .sort((a, b) => b.engine!.status().view - a.engine!.status().view)[0];
  }

  #later(delayMs: number, run: () => void): void {
    this.#events.push({ atMs: this.nowMs + delayMs, sequence: ++this.#sequence, run });
  }

  /** Answers reach the engine only if it is still the same one. */
  #answer(node: HostedNode, engine: ConsensusEngine, input: Input): void {
    this.#later(0, () => {
      if (node.engine === engine) this.input(node.id, input);
    });
  }

  #perform(node: HostedNode, engine: ConsensusEngine, effect: Effect): void {
    node.asked.push(effect);
    switch (effect.kind) {
      case 'persist':
        for (const { key, value } of effect.records) {
          if (value === undefined) node.records.delete(key);
          else node.records.set(key, value);
        }
        return;
      case 'send':
        for (const to of effect.to) {
          if (this.#cut.has(`${node.id} ${to}`) || !this.nodes.has(to)) continue;
          this.#later(LINK_MS, () => this.input(to, { kind: 'message', from: node.id, payload: effect.payload }));
        }
        return;
      case 'seal':
        node.sealRequest = effect;
        return this.#seal(node);
      case 'verifyProposal': {
        const { height, view, digest, proposal } = effect;
        this.#proposals.set(toHex(digest), proposal);
        const answer = { kind: 'proposalVerified', height, view, digest } as const;
        if (proposal.transactionHashes.some((hash) => node.missing.has(toHex(hash)))) node.waiting.push(answer);
        else this.#answer(node, engine, answer);
        return;
      }
      case 'execute': {
        const { height, digest, proposal } = effect;
        const endsEpoch = proposal.transactionHashes.some((hash) => this.#changes.has(toHex(hash)));
        const headerHash = this.#execute(node, proposal, digest);
        this.#answer(node, engine, { kind: 'executed', height, digest, headerHash, endsEpoch });
        return;
      }
      case 'commit': {
        const { proposal, digest, headerHash } = effect;
        const signers = effect.signatures.map(({ index }) => proposal.sealers[index]!);
        this.#later(0, () => this.#store(node, { proposal, digest, headerHash, signers }));
        return;
      }
      case 'behind':
        this.#later(50, () => this.#sync(node, effect.peer));
        return;
      case 'evidence':
        node.evidence.push(effect.evidence);
        return;
      default:
        return;
    }
  }

  #reportPending(node: HostedNode): void {
    const count = [...this.pending.keys()].filter((key) => !node.stored.has(key)).length;
    this.input(node.id, { kind: 'pendingTransactions', count });
    this.#seal(node);
  }

  #seal(node: HostedNode): void {
    const { sealRequest, engine } = node;
    if (sealRequest === undefined || engine === undefined || sealRequest.height <= node.head.height) return;
    const taken = new Set<string>();
    const ancestors = this.#ancestors(node, sealRequest.parentDigest);
    // Its branch was left behind.
    if (ancestors === undefined) return;
    for (const { proposal } of ancestors) {
      for (const hash of proposal.transactionHashes) taken.add(toHex(hash));
    }
    const { height, view, parentDigest, parentTimestampMs, maxTransactions } = sealRequest;
    const transactionHashes = [...this.pending]
      .filter(([key]) => !taken.has(key) && !node.stored.has(key) && !node.missing.has(key))
      .slice(0, maxTransactions)
      .map(([, hash]) => hash);
    if (transactionHashes.length === 0) return;
    node.sealRequest = undefined;
    const timestampMs = Math.max(parentTimestampMs + 1, this.nowMs);
    this.#answer(node, engine, { kind: 'sealed', height, view, parentDigest, timestampMs, transactionHashes });
  }

  /** Every proposal anybody verified, by digest. */
  readonly #proposals = new Map<string, Proposal>();

  /** The proposals above the head that end at this digest. */
  #ancestors(node: HostedNode, digest: Uint8Array): { readonly proposal: Proposal }[] | undefined {
    const found: { proposal: Proposal }[] = [];
    for (let at = digest; !equalBytes(at, node.head.order.digest);) {
      const proposal = this.#proposals.get(toHex(at));
      if (proposal === undefined || proposal.height <= node.head.height) return undefined;
      found.push({ proposal });
      at = proposal.parentDigest;
    }
    return found;
  }

  #execute(node: HostedNode, proposal: Proposal, digest: Uint8Array): Uint8Array {
    return fakeHash(digest, utf8Bytes(proposal.height >= node.divergesFrom ? node.id : 'header'));
  }

  #store(node: HostedNode, block: StoredBlock): void {
    const { proposal, digest, headerHash } = block;
    if (proposal.height !== node.head.height + 1) return;
    invariant(equalBytes(proposal.parentDigest, node.head.order.digest), 'raft/test-parent');
    invariant(proposal.epoch === node.head.order.epoch, 'raft/test-epoch');
    invariant(equalBytes(digest, proposalDigest(cryptoOf(node.id), GROUP, proposal)), 'raft/test-digest');
    invariant(block.signers.length > proposal.sealers.length / 2, 'raft/test-signers');
    let members: Membership = node.head;
    let epoch = proposal.epoch;
    for (const hash of proposal.transactionHashes) {
      const key = toHex(hash);
      node.stored.add(key);
      const change = this.#changes.get(key);
      if (change !== undefined) {
        members = change;
        epoch = proposal.height;
      }
    }
    node.blocks.push(block);
    node.head = {
      ...node.head,
      height: proposal.height,
      hash: headerHash,
      timestampMs: proposal.timestampMs,
      order: { digest, epoch },
      sealers: members.sealers,
      observers: members.observers,
    };
    this.input(node.id, { kind: 'stored', head: node.head });
    this.#reportPending(node);
  }

  #sync(node: HostedNode, from: string): void {
    if (node.engine === undefined || this.#cut.has(`${from} ${node.id}`)) return;
    for (const block of this.node(from).blocks.slice(node.head.height)) {
      if (this.#execute(node, block.proposal, block.digest).every((byte, i) => byte === block.headerHash[i])) {
        this.#store(node, block);
      }
    }
  }
}
