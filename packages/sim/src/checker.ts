/**
 * What must hold after every action of an honest replica, whatever the network and the hostile ones do. The checker reads
 * messages and disks; it shares no state with the engines. Numbers as in the list of invariants of the test plan.
 */
import { equalBytes, toHex } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import type { Effect } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { decodeVoteRecord, SafetyRules } from '@menglian/consensus-core/safety';
import { decodeMessage } from '@menglian/pbft/messageCodec';
import { describeHash, isCertified, orderDigest, type SimulatedBlock } from './chain.js';
import { describeEffect } from './describe.js';
import { fakeHash } from './fakeCrypto.js';
import type { SimulatedNode } from './node.js';
import type { World } from './world.js';

export class Checker {
  readonly #world: World;
  /** The one block of each height. */
  readonly #chain = new Map<number, string>();
  /** The one result of each height that honest replicas sign. */
  readonly #results = new Map<number, string>();
  /** First content signed in each slot, by every honest replica, in all its lives. */
  readonly #signed = new Map<string, string>();
  readonly #views = new Map<number, number>();
  /** Running hash of everything that happened: equal for two runs of one seed. */
  #fingerprint: Uint8Array = new Uint8Array(32);
  /** Heights and views in which some replica holds a certificate. */
  readonly #locked = new Set<string>();
  #highestCommit = 0;
  readonly marks = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  get fingerprint(): string {
    return toHex(this.#fingerprint);
  }

  onEffect(node: SimulatedNode, effect: Exclude<Effect, { kind: 'persist' }>): void {
    this.#world.trace?.(node, () => describeEffect(effect));
    this.#note(node, effect.kind, effect.kind === 'send' ? effect.payload : undefined);
    if (effect.kind === 'evidence') this.mark(`evidence:${effect.evidence.kind}`);
    if (!node.isHonest) return;
    if (effect.kind === 'send') this.#onSend(node, effect.payload);
    else if (effect.kind === 'commit') this.#onCommit(node, effect);
    else if (effect.kind === 'viewEntered') this.#onView(node, effect.view);
  }

  /** S1 agreement, S2 no gaps, S3 a quorum of distinct valid signatures. */
  onStore(node: SimulatedNode, block: SimulatedBlock): void {
    this.#world.trace?.(node, () => `stores block ${block.height} ${describeHash(block.hash)}`);
    this.#note(node, 'store', block.hash);
    if (!node.isHonest) return;
    const { height, hash, proposal } = block;
    this.#demand(height === node.height + 1, 'S2', node, `stores ${height} on ${node.height}`);
    this.#demand(isCertified(this.#world.keys, block, this.#world.sealersOf(height)), 'S3', node, `stores ${height}`);
    const known = this.#chain.get(height) ?? toHex(hash);
    this.#demand(
      known === toHex(hash),
      'S1',
      node,
      `stores ${describeHash(hash)} at ${height}, not ${known.slice(0, 6)}`,
    );
    this.#chain.set(height, known);
    const parent = node.blocks.at(-1);
    this.#demand(
      equalBytes(proposal.parentDigest, orderDigest(this.#world.keys, parent)),
      'S2',
      node,
      `stores ${height} on another parent`,
    );
    const isLater = proposal.timestampMs > (parent?.proposal.timestampMs ?? 0);
    this.#demand(isLater, 'S4', node, `stores ${height} of an earlier time`);
    this.#demand(proposal.transactionHashes.length > 0, 'S4', node, `stores ${height} without transactions`);
    const seen = new Set<string>();
    for (const transaction of proposal.transactionHashes) {
      const key = toHex(transaction);
      const isFresh = this.#world.wasSubmitted(transaction) && !seen.has(key) && !node.isIncluded(key);
      this.#demand(isFresh, 'S4', node, `stores a transaction at ${height} that is unknown or there already`);
      seen.add(key);
    }
  }

  mark(name: string): void {
    this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
  }

  #onCommit(node: SimulatedNode, effect: Extract<Effect, { kind: 'commit' }>): void {
    const { height, headerHash: hash, proposal, signatures } = effect;
    const isFinal = isCertified(
      this.#world.keys,
      { height, hash, proposal, signatures },
      this.#world.sealersOf(height),
    );
    this.#demand(isFinal || node.divergesFrom <= height, 'S3', node, `commits ${height}`);
    const ascending = signatures.every((signature, i) => i === 0 || signatures[i - 1]!.index < signature.index);
    this.#demand(ascending, 'S3', node, 'signatures not in order of index');
    if (height > this.#highestCommit) {
      this.#highestCommit = height;
      this.#world.onFirst(node, 'block');
    }
  }

  /** S5 one digest for each slot, across restarts; S9 durable before it leaves. */
  #onSend(node: SimulatedNode, payload: Uint8Array): void {
    const decoded = decodeMessage(payload);
    this.#demand(decoded.ok, 'codec', node, 'sends what cannot be decoded');
    if (!decoded.ok) return;
    const message = decoded.value;
    this.mark(`sent:${message.kind}`);
    if (message.kind === 'prepare' || message.kind === 'commit') {
      this.#onVote(node, message.kind, message.epoch, message.height, message.view, message.digest);
      const round = `${message.height} ${message.view}`;
      if (message.kind === 'commit' && !this.#locked.has(round)) {
        this.#locked.add(round);
        this.#world.onFirst(node, 'lock');
      }
    } else if (message.kind === 'prePrepare') {
      const digest = proposalDigest(
        this.#world.keys.cryptoOf(node.nodeId),
        { chainId: 1n, groupId: 1 },
        message.proposal,
      );
      this.#onVote(node, 'propose', message.proposal.epoch, message.proposal.height, message.view, digest);
    } else if (message.kind === 'checkpoint') {
      this.#signOnce(node, `result ${message.height}`, message.headerHash);
      this.#onResult(node, message.height, toHex(message.headerHash));
      const record = this.#durableVotes(node, message.height);
      const isDurable = record?.result !== undefined && equalBytes(record.result.headerHash, message.headerHash);
      this.#demand(isDurable || node.height >= message.height, 'S9', node, `result ${message.height}`);
    } else if (message.kind === 'viewChange') {
      if (message.statement.claims.length > 0) this.mark('claimSent');
      if (message.statement.claims.length > 1) this.mark('severalClaimsSent');
      this.#demand(this.#durableToView(node) >= message.statement.view, 'S9', node, 'view change');
    } else if (message.kind === 'newView') {
      if (message.proofs.length > 0) this.mark('newViewWithProposal');
      const claims = new Map<number, string>();
      for (const { height, digest } of message.statements.flatMap((statement) => statement.claims)) {
        if ((claims.get(height) ?? toHex(digest)) !== toHex(digest)) this.mark('conflictingClaims');
        claims.set(height, toHex(digest));
      }
    }
  }

  #onVote(
    node: SimulatedNode,
    kind: 'propose' | 'prepare' | 'commit',
    epoch: number,
    height: number,
    view: number,
    digest: Uint8Array,
  ): void {
    this.#signOnce(node, `${kind} ${epoch} ${height} ${view}`, digest);
    if (node.height >= height) return;
    const record = this.#durableVotes(node, height);
    if (record !== undefined && record.epoch > epoch) return;
    const vote = record?.[kind];
    const isDurable =
      vote !== undefined && (vote.view > view || (vote.view === view && equalBytes(vote.digest, digest)));
    this.#demand(isDurable, 'S9', node, `${kind} ${height} ${view}`);
  }

  #signOnce(node: SimulatedNode, what: string, digest: Uint8Array): void {
    const slot = `${node.index} ${what}`;
    const first = this.#signed.get(slot) ?? toHex(digest);
    this.#signed.set(slot, first);
    this.#demand(
      first === toHex(digest),
      'S5',
      node,
      `signs ${describeHash(digest)} for ${what}, after ${first.slice(0, 6)}`,
    );
  }

  /**
   * S1 at its root: results are signed after the decision only, so two honest replicas that sign different ones have
   * decided differently, whether or not either ever becomes a block.
   */
  #onResult(node: SimulatedNode, height: number, headerHash: string): void {
    if (node.divergesFrom <= height) return;
    const known = this.#results.get(height) ?? headerHash;
    this.#results.set(height, known);
    const detail = `signs ${headerHash.slice(0, 6)} for height ${height}, another signed ${known.slice(0, 6)}`;
    this.#demand(known === headerHash, 'S1', node, detail);
  }

  /** S8: views never fall, across restarts. */
  #onView(node: SimulatedNode, view: number): void {
    this.#demand(view > (this.#views.get(node.index) ?? 0), 'S8', node, `enters view ${view}`);
    this.#views.set(node.index, view);
    this.mark('viewEntered');
  }

  #durableVotes(node: SimulatedNode, height: number): ReturnType<SafetyRules['votes']> {
    const value = node.disk.get(`votes.${height}`);
    const decoded = value === undefined ? undefined : decodeVoteRecord(value);
    return decoded?.ok === true ? decoded.value : undefined;
  }

  #durableToView(node: SimulatedNode): number {
    const value = node.disk.get('view');
    const loaded = SafetyRules.load(value === undefined ? [] : [{ key: 'view', value }]);
    return loaded.ok ? loaded.value.toView : -1;
  }

  #note(node: SimulatedNode, what: string, bytes: Uint8Array | undefined): void {
    if (!this.#world.fingerprints) return;
    const text = `${this.#world.scheduler.nowMs} ${node.index} ${what} ${bytes === undefined ? '' : toHex(fakeHash(bytes))}`;
    const letters = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const joined = new Uint8Array(32 + letters.length);
    joined.set(this.#fingerprint);
    joined.set(letters, 32);
    this.#fingerprint = fakeHash(joined);
  }

  #demand(condition: boolean, rule: string, node: SimulatedNode, detail: string): void {
    if (condition) return;
    const at = this.#world.scheduler.nowMs;
    throw new InvariantError(
      `sim/${rule}`,
      `seed ${this.#world.options.seed}, ${at} ms, replica ${node.index}: ${detail}`,
    );
  }
}
