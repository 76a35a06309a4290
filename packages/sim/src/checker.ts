/**
 * What must hold after every action of an honest replica, whatever the network and the hostile ones do. The checker reads
 * messages and disks; it shares no state with the engines. Numbers as in the list of invariants in the README. What only
 * one protocol promises is in checks/.
 */
import { equalBytes, toHex, utf8Bytes } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import type { ConsensusRecord, Effect } from '@menglian/consensus-core/ports';
import {
  blockFault,
  type ChainState,
  describeHash,
  digestOf,
  execute,
  genesisState,
  hasRepetition,
  isSigned,
} from './chain.js';
import type { SimulatedBlock } from './chain.js';
import { PbftChecks } from './checks/pbftChecks.js';
import { RaftChecks } from './checks/raftChecks.js';
import type { ProtocolChecks } from './checks/protocolChecks.js';
import { describeEffect } from './describe.js';
import { fakeHash, keyOf } from './fakeCrypto.js';
import type { SimulatedNode } from './node.js';
import type { World } from './world.js';

export class Checker {
  readonly #world: World;
  readonly #protocol: ProtocolChecks;
  /** What the one chain leaves behind, by height. */
  readonly #states: ChainState[];
  /** Blocks that some honest replica has announced as final, by height. */
  readonly #announced = new Map<number, Uint8Array>();
  /** Running hash of everything that happened: equal for two runs of one seed. */
  #fingerprint: Uint8Array = new Uint8Array(32);
  #highestCommit = 0;
  readonly marks = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    this.#protocol = world.options.engine === 'raft' ? new RaftChecks(world, this) : new PbftChecks(world, this);
    this.#states = [genesisState(world.rules)];
  }

  get fingerprint(): string {
    return toHex(this.#fingerprint);
  }

  onEffect(node: SimulatedNode, effect: Exclude<Effect, { kind: 'persist' }>): void {
    this.#world.trace?.(node, () => describeEffect(effect));
    if (this.#world.fingerprints) this.#note(node, effect.kind, effect.kind === 'send' ? effect.payload : undefined);
    if (effect.kind === 'evidence') this.mark(`evidence:${effect.evidence.kind}`);
    if (!node.isHonest) return;
    if (effect.kind === 'send') this.#protocol.onSend(node, effect.payload, effect.to);
    else if (effect.kind === 'commit') this.#onCommit(node, effect);
    else if (effect.kind === 'viewEntered') this.#protocol.onViewEntered(node, effect);
  }

  onWritten(node: SimulatedNode, record: ConsensusRecord): void {
    if (node.isHonest) this.#protocol.onWritten?.(node, record);
  }

  /** S1 agreement, S2 no gaps, S3 certificates, S4 validity. */
  onStore(node: SimulatedNode, block: SimulatedBlock): void {
    const { height, hash, proposal } = block;
    this.#world.trace?.(node, () => `stores block ${height} ${describeHash(hash)}`);
    if (this.#world.fingerprints) this.#note(node, 'store', hash);
    if (!node.isHonest) return;
    this.demand(height === node.height + 1, 'S2', node, `stores ${height} on ${node.height}`);
    const known = this.#states[height];
    if (known !== undefined) {
      const detail = `stores ${describeHash(hash)} at ${height}, not ${describeHash(known.hash)}`;
      this.demand(equalBytes(known.hash, hash), 'S1', node, detail);
    } else this.#onFirstStored(node, block);
    const { keys, rules } = this.#world;
    const fault = blockFault(keys, rules, this.#states[height - 1]!, block);
    this.demand(
      fault === undefined,
      fault === 'certificate' ? 'S3' : 'S2',
      node,
      `stores ${height} with a bad ${fault}`,
    );
    for (const transaction of proposal.transactionHashes) {
      const isTwice = node.ledger.isIncluded(keyOf(transaction));
      this.demand(!isTwice, 'S4', node, `stores a transaction at ${height} that is there already`);
    }
  }

  /** The rules of S4 that are the same for everybody who stores the block. */
  #onFirstStored(node: SimulatedNode, { height, proposal }: SimulatedBlock): void {
    const parent = this.#states[height - 1]!;
    this.demand(proposal.timestampMs > parent.timestampMs, 'S4', node, `stores ${height} of an earlier time`);
    const hashes = proposal.transactionHashes;
    this.demand(hashes.length > 0, 'S4', node, `stores ${height} without transactions`);
    this.demand(hashes.length <= parent.maxTransactions, 'S4', node, `stores ${height} with too many transactions`);
    this.demand(!hasRepetition(hashes), 'S4', node, `stores ${height} with a transaction twice`);
    const isKnown = hashes.every((hash) => this.#world.wasSubmitted(keyOf(hash)));
    this.demand(isKnown, 'S4', node, `stores a transaction at ${height} that nobody sent`);
    const { rules } = this.#world;
    const state = execute(rules, parent, proposal, digestOf(proposal, rules.hash));
    if (state.epoch === height) this.mark('epochEnded');
    this.#states.push(state);
  }

  /** S7: what was announced as final is in everybody's chain. */
  atEnd(): void {
    for (const node of this.#world.honest) {
      for (const [height, hash] of this.#announced) {
        const stored = node.ledger.blocks[height - 1];
        const isThere = stored === undefined || equalBytes(stored.hash, hash);
        this.demand(isThere, 'S7', node, `lost announced block ${height}`);
      }
    }
  }

  /** The highest block that some honest replica has announced as final. */
  get announcedHeight(): number {
    return this.#highestCommit;
  }

  mark(name: string): void {
    this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
  }

  demand(condition: boolean, rule: string, node: SimulatedNode, detail: string): void {
    if (condition) return;
    const at = this.#world.scheduler.nowMs;
    throw new InvariantError(
      `sim/${rule}`,
      `seed ${this.#world.options.seed}, ${at} ms, replica ${node.index}: ${detail}`,
    );
  }

  #onCommit(node: SimulatedNode, effect: Extract<Effect, { kind: 'commit' }>): void {
    const { height, headerHash: hash, proposal, signatures } = effect;
    const { keys, rules } = this.#world;
    const isFinal = isSigned(keys, rules.quorum, { hash, signatures }, proposal.sealers);
    this.demand(isFinal, 'S3', node, `commits ${height}`);
    const announced = this.#announced.get(height);
    if (announced !== undefined)
      this.demand(equalBytes(announced, hash), 'S1', node, `commits another block ${height}`);
    this.#announced.set(height, hash);
    if (height > node.height + 1) this.mark('commitsAhead');
    if (height > this.#highestCommit) {
      this.#highestCommit = height;
      this.#world.onFirst(node, 'block');
    }
  }

  #note(node: SimulatedNode, what: string, bytes: Uint8Array | undefined): void {
    const text = `${this.#world.scheduler.nowMs} ${node.index} ${what} ${bytes === undefined ? '' : toHex(fakeHash(bytes))}`;
    const letters = utf8Bytes(text);
    const joined = new Uint8Array(32 + letters.length);
    joined.set(this.#fingerprint);
    joined.set(letters, 32);
    this.#fingerprint = fakeHash(joined);
  }
}
