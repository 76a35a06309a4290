/**
 * A Byzantine replica: an engine that follows the protocol, and hands that change, drop and add what it says. It can sign
 * with its own key only, and it keeps no records, so it also forgets its votes whenever it restarts.
 */
import { toHex } from '@menglian/base/bytes';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import type { ConsensusCrypto, Proposal } from '@menglian/consensus-core/ports';
import { decodeMessage, encodeMessage } from '@menglian/pbft/messageCodec';
import type { Message, MessageKind, PrePrepare, ViewChange, ViewChangeStatement, Vote } from '@menglian/pbft/messages';
import { envelopeDigest, heartbeatDigest, newViewDigest, viewChangeDigest } from '@menglian/pbft/signing';
import { executedHeaderHash, GENESIS_HASH, invalidTransactionHash, orderDigest } from '../chain.js';
import type { HostileBehaviour } from '../options.js';
import type { World } from '../world.js';

const GROUP = { chainId: 1n, groupId: 1 };
const REMEMBERED_MESSAGES = 200;

export class HostileReplica {
  readonly behaviour: HostileBehaviour;
  readonly #world: World;
  readonly #index: number;
  readonly #remembered: Uint8Array[] = [];
  readonly #voted = new Set<string>();
  #spamView = 0;
  #isTimed = false;

  constructor(world: World, index: number, behaviour: HostileBehaviour) {
    this.#world = world;
    this.#index = index;
    this.behaviour = behaviour;
  }

  isSilent(): boolean {
    return this.behaviour === 'silent';
  }

  /** What really goes to a replica when the engine wants to send it `payload`. */
  onSend(to: number, payload: Uint8Array): Uint8Array[] {
    this.#startTimed();
    const message = this.#decode(payload);
    if (message === undefined) return [];
    this.#remember(payload);
    switch (this.behaviour) {
      case 'silent':
        return [];
      case 'equivocate':
        return message.kind === 'prePrepare' ? this.#twoFaced(to, message) : [payload];
      case 'withhold':
        return message.kind === 'prePrepare' ? this.#late(to, payload) : [payload];
      case 'forge':
        return this.#random.chance(40) ? [this.#altered(message, payload), payload] : [this.#altered(message, payload)];
      case 'hidePrepared':
        return [this.#lying(message)];
      case 'forgeClaims':
        return message.kind === 'viewChange' ? [encodeMessage(this.#withForgedClaim(message))] : [payload];
      case 'proposeInvalid':
        return message.kind === 'prePrepare' ? [this.#invalid(message)] : [payload];
      case 'forgeNewView':
        return message.kind === 'newView' ? this.#forgedNewViews(message, payload) : [payload];
      case 'selective':
        return this.#random.chance(to % 2 === 0 ? 80 : 30) ? [payload] : [];
      case 'voteForAll':
      case 'replay':
      case 'spamViewChanges':
      case 'signResultsEarly':
        return [payload];
    }
  }

  onReceive(payload: Uint8Array): void {
    this.#startTimed();
    this.#remember(payload);
    const message = this.#decode(payload);
    if (message === undefined) return;
    if (this.behaviour === 'voteForAll' || this.behaviour === 'equivocate') this.#voteFor(message);
    if (this.behaviour === 'signResultsEarly' && message.kind === 'prePrepare') this.#signEarly(message);
    if (this.behaviour === 'replay' && this.#random.chance(30)) this.#toAll(this.#random.pick(this.#remembered));
  }

  get #random(): World['random'] {
    return this.#world.random;
  }

  get #crypto(): ConsensusCrypto {
    return this.#world.keys.cryptoOf(this.#world.nodes[this.#index]!.nodeId);
  }

  #remember(payload: Uint8Array): void {
    if (this.#remembered.length < REMEMBERED_MESSAGES) this.#remembered.push(payload);
    else this.#remembered[this.#random.below(REMEMBERED_MESSAGES)] = payload;
  }

  #decode(payload: Uint8Array): Message | undefined {
    const decoded = decodeMessage(payload);
    return decoded.ok ? decoded.value : undefined;
  }

  #toAll(payload: Uint8Array): void {
    for (const node of this.#world.nodes) this.#to(node.index, payload);
  }

  #to(index: number, payload: Uint8Array): void {
    if (index !== this.#index) this.#world.network.send(this.#index, index, { kind: 'consensus', payload });
  }

  #sign(
    kind: MessageKind,
    epoch: number,
    height: number,
    view: number,
    digest: Uint8Array,
  ): { signer: number; signature: Uint8Array } {
    const signer = Math.max(0, this.#world.sealersOf(height).indexOf(this.#world.nodes[this.#index]!.nodeId));
    const envelope = envelopeDigest(this.#crypto, GROUP, { kind, epoch, height, view, signer, digest });
    return { signer, signature: this.#crypto.sign(envelope) };
  }

  #prePrepare(proposal: Proposal, view: number): PrePrepare {
    const digest = proposalDigest(this.#crypto, GROUP, proposal);
    return {
      kind: 'prePrepare',
      view,
      proposal,
      ...this.#sign('prePrepare', proposal.epoch, proposal.height, view, digest),
    };
  }

  /** Half of the replicas see another order, or another time. */
  #twoFaced(to: number, message: PrePrepare): Uint8Array[] {
    if (to % 2 === 0) return [encodeMessage(message)];
    const { proposal, view } = message;
    const changed: Proposal = {
      ...proposal,
      timestampMs: proposal.timestampMs + 1,
      transactionHashes: proposal.transactionHashes.toReversed(),
    };
    return [encodeMessage(this.#prePrepare(changed, view))];
  }

  #late(to: number, payload: Uint8Array): Uint8Array[] {
    if (to % 3 === this.#index % 3) return [];
    const delayMs = this.#random.below(this.#world.consensusTimeoutMs);
    this.#world.scheduler.after(delayMs, () => this.#to(to, payload));
    return [];
  }

  #voteFor(message: Message): void {
    if (message.kind !== 'prePrepare' && message.kind !== 'prepare' && message.kind !== 'commit') return;
    const { epoch, height } = message.kind === 'prePrepare' ? message.proposal : message;
    const digest =
      message.kind === 'prePrepare' ? proposalDigest(this.#crypto, GROUP, message.proposal) : message.digest;
    for (const kind of ['prepare', 'commit'] as const) {
      // Once each: two replicas of this sort would answer each other for ever.
      const slot = `${kind} ${height} ${message.view} ${toHex(digest)}`;
      if (this.#voted.has(slot) || !this.#random.chance(60)) continue;
      this.#voted.add(slot);
      const vote: Vote = {
        kind,
        epoch,
        height,
        view: message.view,
        digest,
        ...this.#sign(kind, epoch, height, message.view, digest),
      };
      this.#toAll(encodeMessage(vote));
    }
  }

  #signEarly(message: PrePrepare): void {
    const { proposal } = message;
    const headerHash = executedHeaderHash(proposal);
    const { signer } = this.#sign('checkpoint', proposal.epoch, proposal.height, 0, headerHash);
    const signature = this.#crypto.sign(headerHash);
    this.#toAll(
      encodeMessage({
        kind: 'checkpoint',
        epoch: proposal.epoch,
        height: proposal.height,
        headerHash,
        signer,
        signature,
      }),
    );
  }

  /** Another kind with the same signature, another signer, flipped bits, or a part only. */
  #altered(message: Message, payload: Uint8Array): Uint8Array {
    switch (this.#random.below(4)) {
      case 0:
        if (message.kind === 'prepare') return encodeMessage({ ...message, kind: 'commit' });
        if (message.kind === 'commit') return encodeMessage({ ...message, kind: 'prepare' });
        break;
      case 1:
        if ('signer' in message) {
          return encodeMessage({ ...message, signer: this.#random.below(this.#world.options.replicas) });
        }
        break;
      case 2:
        return payload.slice(0, this.#random.below(payload.length));
      default:
    }
    const flipped = payload.slice();
    const at = this.#random.below(flipped.length);
    flipped[at] = flipped[at]! ^ (1 << this.#random.below(8));
    return flipped;
  }

  #lying(message: Message): Uint8Array {
    if (message.kind === 'viewChange') return encodeMessage(this.#withoutClaim(message));
    if (message.kind === 'heartbeat') {
      const far = {
        ...message,
        height: message.height + this.#random.below(1_000_000),
        view: this.#random.below(1000),
      };
      return encodeMessage({ ...far, signature: this.#crypto.sign(heartbeatDigest(this.#crypto, GROUP, far)) });
    }
    return encodeMessage(message);
  }

  #withoutClaim(message: ViewChange): ViewChange {
    return this.#viewChange({ ...message.statement, claims: [] });
  }

  /** A proposal of its own, "prepared" just before the view asked for, with votes that are copies of its own. */
  #withForgedClaim(message: ViewChange): ViewChange {
    const { statement } = message;
    const node = this.#world.nodes[this.#index]!;
    const height = statement.headHeight + 1;
    const proposal: Proposal = {
      height,
      parentDigest: orderDigest(this.#world.keys, node.blocks.at(-1)),
      epoch: this.#world.epochAfter(statement.headHeight),
      timestampMs: this.#world.scheduler.nowMs,
      sealer: statement.signer,
      sealers: this.#world.sealersOf(height),
      transactionHashes: [...node.pool.values()].slice(0, 1),
    };
    const { epoch, parentDigest } = proposal;
    const claim = {
      height,
      view: statement.view - 1,
      digest: proposalDigest(this.#crypto, GROUP, proposal),
      parentDigest,
    };
    const own = this.#sign('prepare', epoch, height, claim.view, claim.digest);
    const votes = proposal.sealers.map((_, signer) => ({ signer, signature: own.signature }));
    return { ...this.#viewChange({ ...statement, claims: [claim] }), proofs: [{ votes, proposal }] };
  }

  #viewChange(content: Omit<ViewChangeStatement, 'signature'>): ViewChange {
    const signature = this.#crypto.sign(viewChangeDigest(this.#crypto, GROUP, content));
    return { kind: 'viewChange', statement: { ...content, signature }, proofs: [] };
  }

  #invalid(message: PrePrepare): Uint8Array {
    const { proposal, view } = message;
    const [first] = proposal.transactionHashes;
    const broken: readonly Partial<Proposal>[] = [
      { transactionHashes: [invalidTransactionHash(this.#random.below(1000))] },
      { transactionHashes: [first!, first!] },
      { transactionHashes: [] },
      { timestampMs: 0 },
      { parentDigest: GENESIS_HASH.map((byte) => byte ^ 0xff) },
      { epoch: proposal.epoch + 1 },
      { sealers: proposal.sealers.slice(1) },
      { sealer: (proposal.sealer + 1) % proposal.sealers.length },
    ];
    return encodeMessage(this.#prePrepare({ ...proposal, ...this.#random.pick(broken) }, view));
  }

  #forgedNewViews(message: Extract<Message, { kind: 'newView' }>, payload: Uint8Array): Uint8Array[] {
    const [first] = message.statements;
    const forgeries = [
      { ...message, proofs: [] },
      { ...message, proofs: message.proofs.slice(1) },
      { ...message, statements: message.statements.map(() => first!) },
      { ...message, statements: message.statements.slice(1) },
      { ...message, statements: message.statements.map((statement) => ({ ...statement, claims: [] })) },
      { ...message, view: message.view + 1 },
    ];
    const forged = this.#random.pick(forgeries);
    const height = 1 + Math.max(...forged.statements.map(({ headHeight }) => headHeight), 0);
    const signature = this.#crypto.sign(newViewDigest(this.#crypto, GROUP, height, forged));
    const bytes = encodeMessage({ ...forged, signature });
    return this.#random.chance(50) ? [bytes] : [bytes, payload];
  }

  #startTimed(): void {
    if (this.#isTimed || this.behaviour !== 'spamViewChanges') return;
    this.#isTimed = true;
    const spam = (): void => {
      this.#world.scheduler.after(10, spam);
      const node = this.#world.nodes[this.#index]!;
      if (!node.isUp) return;
      this.#spamView += 1 + this.#random.below(3);
      const signer = Math.max(0, this.#world.sealersOf(node.height + 1).indexOf(node.nodeId));
      const { hash } = node.engine!.status();
      const content = { signer, view: this.#spamView, headHeight: node.height, headHash: hash, claims: [] };
      this.#toAll(encodeMessage(this.#viewChange(content)));
    };
    this.#world.scheduler.after(10, spam);
  }
}
