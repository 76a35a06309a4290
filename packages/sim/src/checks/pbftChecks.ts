/** PBFT's own promises: one vote a slot, locks, views that never fall, everything durable before it is sent. */
import { equalBytes, toHex } from '@menglian/base/bytes';
import type { ConsensusRecord } from '@menglian/consensus-core/ports';
import { decodeVoteRecord, SafetyRules, type VoteKind, type VoteRecord } from '@menglian/consensus-core/safety';
import { decodeMessage } from '@menglian/pbft/messageCodec';
import type { Message, NewView, PreparedClaim, PreparedProof } from '@menglian/pbft/messages';
import { envelopeDigest } from '@menglian/pbft/signing';
import { NEW_VIEW_KEY } from '@menglian/pbft/viewChange/enterView';
import { describeHash, digestOf, SIMULATED_GROUP } from '../chain.js';
import type { Checker } from '../checker.js';
import type { SimulatedNode } from '../node.js';
import type { World } from '../world.js';
import type { ProtocolChecks } from './protocolChecks.js';

interface SlotOfVote {
  readonly epoch: number;
  readonly height: number;
  readonly view: number;
}

export class PbftChecks implements ProtocolChecks {
  readonly #world: World;
  readonly #checker: Checker;
  /** First content signed in each slot, by every honest replica, in all its lives. */
  readonly #signed = new Map<string, Uint8Array>();
  /** The last commit of each honest replica at each height and epoch: its lock. */
  readonly #locks = new Map<string, { readonly view: number; readonly digest: Uint8Array }>();
  /** Proofs of views that were durable, by replica, epoch and view: the disk keeps the last one only. */
  readonly #proofs = new Map<string, NewView>();
  /** The one result of each height that honest replicas sign. */
  readonly #results = new Map<number, Uint8Array>();
  readonly #views = new Map<number, { readonly epoch: number; readonly view: number }>();
  /** Heights and views in which some replica holds a certificate. */
  readonly #certified = new Set<string>();

  constructor(world: World, checker: Checker) {
    this.#world = world;
    this.#checker = checker;
  }

  /** S8: epochs never fall, and views never fall within one, across restarts. */
  onViewEntered(node: SimulatedNode, entered: { readonly epoch: number; readonly view: number }): void {
    const { epoch, view } = entered;
    const last = this.#views.get(node.index) ?? { epoch: 0, view: 0 };
    const isHigher = epoch > last.epoch || (epoch === last.epoch && view > last.view);
    this.#checker.demand(isHigher, 'S8', node, `enters view ${view} of epoch ${epoch}`);
    this.#views.set(node.index, entered);
    if (view > 0) this.#checker.mark('viewEntered');
  }

  onWritten(node: SimulatedNode, { key, value }: ConsensusRecord): void {
    if (key !== NEW_VIEW_KEY || value === undefined) return;
    const decoded = decodeMessage(value);
    if (!decoded.ok || decoded.value.kind !== 'newView') return;
    this.#proofs.set(`${node.index} ${decoded.value.epoch} ${decoded.value.view}`, decoded.value);
  }

  onSend(node: SimulatedNode, payload: Uint8Array): void {
    const decoded = decodeMessage(payload);
    this.#checker.demand(decoded.ok, 'codec', node, 'sends what cannot be decoded');
    if (!decoded.ok) return;
    const message = decoded.value;
    this.#checker.mark(`sent:${message.kind}`);
    switch (message.kind) {
      case 'prePrepare': {
        const { epoch, height } = message.proposal;
        return this.#onVote(
          node,
          'propose',
          { epoch, height, view: message.view },
          digestOf(message.proposal, this.#world.rules.hash),
        );
      }
      case 'prepare':
        this.#onVote(node, 'prepare', message, message.digest);
        return this.#heedsLock(node, message, message.digest);
      case 'commit':
        this.#onVote(node, 'commit', message, message.digest);
        return this.#onLock(node, message, message.digest);
      case 'checkpoint':
        return this.#onResult(node, message);
      case 'viewChange': {
        const { claims, epoch, view } = message.statement;
        for (const [i, claim] of claims.entries()) this.#isProven(node, claim, message.proofs[i]!);
        if (claims.length > 0) this.#checker.mark('claimSent');
        if (claims.length > 1) this.#checker.mark('severalClaimsSent');
        return this.#checker.demand(this.#isAskDurable(node, epoch, view), 'S9', node, 'view change');
      }
      case 'newView':
        return this.#onNewView(message);
      case 'heartbeat':
      case 'newViewRequest':
    }
  }

  /** S5 one digest for each slot, across restarts; S9 durable before it leaves. */
  #onVote(node: SimulatedNode, kind: VoteKind, { epoch, height, view }: SlotOfVote, digest: Uint8Array): void {
    this.#signOnce(node, `${kind} ${epoch} ${height} ${view}`, digest);
    if (node.height >= height) return;
    const record = this.#durableVotes(node, height);
    if (record !== undefined && record.epoch > epoch) return;
    const vote = record?.epoch === epoch ? record[kind] : undefined;
    const isDurable =
      vote !== undefined && (vote.view > view || (vote.view === view && equalBytes(vote.digest, digest)));
    this.#checker.demand(isDurable, 'S9', node, `${kind} ${height} ${view}`);
  }

  #onLock(node: SimulatedNode, { epoch, height, view }: SlotOfVote, digest: Uint8Array): void {
    this.#locks.set(`${node.index} ${epoch} ${height}`, { view, digest });
    const round = `${epoch} ${height} ${view}`;
    if (this.#certified.has(round)) return;
    this.#certified.add(round);
    this.#world.onFirst(node, 'lock');
  }

  /** S6: after a commit, another content only when the proof of a later view shows that the lock was overruled. */
  #heedsLock(node: SimulatedNode, { epoch, height, view }: SlotOfVote, digest: Uint8Array): void {
    const lock = this.#locks.get(`${node.index} ${epoch} ${height}`);
    if (lock === undefined || lock.view >= view || equalBytes(lock.digest, digest)) return;
    this.#checker.mark('lockOverruled');
    const proof = this.#proofs.get(`${node.index} ${epoch} ${view}`);
    const signers = new Set(proof?.statements.map(({ signer }) => signer));
    const isProven = 3 * signers.size > 2 * this.#world.rules.minimumMembers;
    const demanded = proof?.proofs.find(({ proposal }) => proposal.height === height)?.proposal;
    const isFree = demanded === undefined || equalBytes(digestOf(demanded, this.#world.rules.hash), digest);
    const detail = `prepares ${describeHash(digest)} at ${height} view ${view}, locked on ${describeHash(lock.digest)}`;
    this.#checker.demand(isProven && isFree, 'S6', node, detail);
  }

  /**
   * S1 at its root: results are signed after the decision only, so two honest replicas that sign different ones have
   * decided differently, whether or not either ever becomes a block.
   */
  #onResult(node: SimulatedNode, { height, headerHash }: Extract<Message, { kind: 'checkpoint' }>): void {
    this.#signOnce(node, `result ${height}`, headerHash);
    const record = this.#durableVotes(node, height);
    const isDurable = record?.result !== undefined && equalBytes(record.result.headerHash, headerHash);
    this.#checker.demand(isDurable || node.height >= height, 'S9', node, `result ${height}`);
    if (node.divergesFrom <= height) return;
    const known = this.#results.get(height) ?? headerHash;
    this.#results.set(height, known);
    const detail = `signs ${describeHash(headerHash)} for height ${height}, another signed ${describeHash(known)}`;
    this.#checker.demand(equalBytes(known, headerHash), 'S1', node, detail);
  }

  /** S3 for certificates: a quorum of distinct sealers signed `prepare` for exactly this. */
  #isProven(node: SimulatedNode, { height, view, digest }: PreparedClaim, { votes, proposal }: PreparedProof): void {
    const { epoch, sealers } = proposal;
    const isSigned = votes.every(({ signer, signature }) => {
      const slot = { kind: 'prepare', epoch, height, view, signer, digest } as const;
      const signed = envelopeDigest({ hash: this.#world.rules.hash }, SIMULATED_GROUP, slot);
      const nodeId = sealers[signer];
      return nodeId !== undefined && this.#world.keys.verify(nodeId, signed, signature);
    });
    const isQuorum = 3 * new Set(votes.map(({ signer }) => signer)).size > 2 * sealers.length;
    this.#checker.demand(
      isSigned && isQuorum,
      'S3',
      node,
      `claims ${describeHash(digest)} at ${height} in view ${view}`,
    );
  }

  #onNewView(message: NewView): void {
    if (message.proofs.length > 0) this.#checker.mark('newViewWithProposal');
    if (message.proofs.length > 1) this.#checker.mark('newViewWithSeveralProposals');
    const claimed = new Map<number, string>();
    for (const { height, digest } of message.statements.flatMap(({ claims }) => claims)) {
      if ((claimed.get(height) ?? toHex(digest)) !== toHex(digest)) this.#checker.mark('conflictingClaims');
      claimed.set(height, toHex(digest));
    }
  }

  #signOnce(node: SimulatedNode, what: string, digest: Uint8Array): void {
    const slot = `${node.index} ${what}`;
    const first = this.#signed.get(slot);
    if (first === undefined) this.#signed.set(slot, digest);
    else if (!equalBytes(first, digest)) {
      this.#checker.demand(
        false,
        'S5',
        node,
        `signs ${describeHash(digest)} for ${what}, after ${describeHash(first)}`,
      );
    }
  }

  #durableVotes(node: SimulatedNode, height: number): VoteRecord | undefined {
    const value = node.disk.get(`votes.${height}`);
    const decoded = value === undefined ? undefined : decodeVoteRecord(value);
    return decoded?.ok === true ? decoded.value : undefined;
  }

  #isAskDurable(node: SimulatedNode, epoch: number, view: number): boolean {
    const value = node.disk.get('view');
    const loaded = SafetyRules.load(value === undefined ? [] : [{ key: 'view', value }]);
    if (!loaded.ok) return false;
    return loaded.value.epoch > epoch || (loaded.value.epoch === epoch && loaded.value.toView >= view);
  }
}
