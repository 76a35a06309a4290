/**
 * A Byzantine replica: an engine that follows the protocol, and hands that change, drop and add what it says. It can sign
 * with its own key only. Most sorts keep no records, so they also forget their votes whenever they restart.
 */
import { toHex } from '@menglian/base/bytes';
import { decodeMessage, encodeMessage } from '@menglian/pbft/messageCodec';
import type { Message, PrePrepare } from '@menglian/pbft/messages';
import { digestOf, execute, type SimulatedBlock } from '../chain.js';
import type { SimulatedNode } from '../node.js';
import type { HostileBehaviour } from '../options.js';
import type { World } from '../world.js';
import { altered, forgedNewView, invalid, lying, twoFaced, withForgedClaim } from './forgeries.js';
import { forgedBlocks } from './lyingSync.js';
import { HostileSigner } from './signer.js';

const REMEMBERED_MESSAGES = 200;
const SPAM_EVERY_MS = 10;
const FLOOD_EVERY_MS = 20;
const OLD_COPY_EVERY_MS = 1500;

export class HostileReplica {
  readonly behaviour: HostileBehaviour;
  readonly #world: World;
  readonly #position: number;
  readonly #signer: HostileSigner;
  readonly #remembered: Uint8Array[] = [];
  readonly #voted = new Set<string>();
  #oldCopy: { readonly disk: ReadonlyMap<string, Uint8Array>; readonly height: number } | undefined = undefined;
  #invalidProposal: { readonly slot: string; readonly payload: Uint8Array } | undefined = undefined;
  #spamView = 0;
  #isTimed = false;
  #isReformed = false;

  constructor(world: World, position: number, behaviour: HostileBehaviour) {
    this.#world = world;
    this.#position = position;
    this.behaviour = behaviour;
    this.#signer = new HostileSigner(world, position);
  }

  isSilent(): boolean {
    return this.behaviour === 'silent' && !this.#isReformed;
  }

  /** Keeps to the protocol from now on. Of twins only the first copy lives on. */
  reform(node: SimulatedNode): void {
    this.#isReformed = true;
    const copies = this.#world.nodesOf(node.nodeId);
    for (const { index } of this.#world.nodes) {
      this.#world.network.setPermanentCut(index, node.index, false);
      this.#world.network.setPermanentCut(node.index, index, false);
    }
    if (copies[0] !== node && node.isUp) node.crash();
  }

  /** Called when it has lost power, with its disk as it was then. */
  onCrash(node: SimulatedNode): void {
    if (this.behaviour === 'twin') return;
    if (this.behaviour !== 'oldDisk') node.disk.clear();
    else if (this.#oldCopy !== undefined) {
      node.disk = new Map(this.#oldCopy.disk);
      node.ledger.truncate(this.#oldCopy.height);
    }
  }

  /** The blocks that it really serves. */
  onServe(fromHeight: number, stored: readonly SimulatedBlock[]): readonly SimulatedBlock[] {
    if (this.behaviour !== 'lieInSync' || this.#isReformed) return stored;
    return forgedBlocks(this.#random, this.#world.rules, this.#signer, this.#node, fromHeight, stored);
  }

  claimedHeight(height: number): number {
    if (this.behaviour !== 'lieInSync' || this.#isReformed) return height;
    return this.#random.pick([height, height + 1, height + 1000, 2 ** 53 - 1]);
  }

  /** What really goes to a replica when the engine wants to send it `payload`. */
  onSend(to: number, payload: Uint8Array): Uint8Array[] {
    if (this.#isReformed) return [payload];
    this.#startTimed();
    if (this.behaviour === 'twin' || this.behaviour === 'oldDisk') return [payload];
    const message = this.#decode(payload);
    if (message === undefined) return [];
    this.#remember(payload);
    switch (this.behaviour) {
      case 'silent':
        return [];
      case 'equivocate':
        return message.kind === 'prePrepare' ? twoFaced(this.#signer, to, message) : [payload];
      case 'withhold':
        return message.kind === 'prePrepare' ? this.#late(to, payload) : [payload];
      case 'forge': {
        const forged = altered(this.#random, message, payload, this.#world.options.replicas);
        return this.#random.chance(40) ? [forged, payload] : [forged];
      }
      case 'hidePrepared':
        return [lying(this.#random, this.#signer, message)];
      case 'forgeClaims':
        return message.kind === 'viewChange'
          ? [encodeMessage(withForgedClaim(this.#random, this.#signer, this.#node, message))]
          : [payload];
      case 'proposeInvalid':
        return message.kind === 'prePrepare' ? [this.#invalid(message)] : [payload];
      case 'forgeNewView':
        return message.kind === 'newView' ? this.#withForgedNewView(message, payload) : [payload];
      case 'selective':
        return this.#random.chance(to % 2 === 0 ? 80 : 30) ? [payload] : [];
      case 'slowLeader':
        return message.kind === 'prePrepare' ? this.#delayed(to, payload) : [payload];
      default:
        return [payload];
    }
  }

  onReceive(payload: Uint8Array): void {
    if (this.#isReformed) return;
    this.#startTimed();
    const { behaviour } = this;
    if (behaviour === 'replay') {
      this.#remember(payload);
      if (this.#random.chance(30)) this.#toAll(this.#random.pick(this.#remembered));
    }
    if (behaviour !== 'voteForAll' && behaviour !== 'equivocate' && behaviour !== 'signResultsEarly') return;
    const message = this.#decode(payload);
    if (message === undefined) return;
    if (behaviour !== 'signResultsEarly') this.#voteFor(message);
    else if (message.kind === 'prePrepare') this.#signEarly(message);
  }

  get #random(): World['random'] {
    return this.#world.random;
  }

  get #node(): SimulatedNode {
    return this.#world.nodes[this.#position]!;
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
    if (this.#world.nodes[index]!.nodeId === this.#node.nodeId) return;
    this.#world.network.send(this.#position, index, { kind: 'consensus', payload });
  }

  #late(to: number, payload: Uint8Array): Uint8Array[] {
    if (to % 3 === this.#position % 3) return [];
    const delayMs = this.#random.below(this.#world.options.consensusTimeoutMs);
    this.#world.scheduler.after(delayMs, () => this.#to(to, payload));
    return [];
  }

  /** One for all who are told: several would only keep each other from a quorum. */
  #invalid(message: PrePrepare): Uint8Array {
    const slot = `${message.proposal.epoch} ${message.proposal.height} ${message.view}`;
    if (this.#invalidProposal?.slot !== slot) {
      this.#invalidProposal = { slot, payload: invalid(this.#random, this.#signer, message) };
    }
    return this.#invalidProposal.payload;
  }

  /** At nine tenths of the patience that others have. */
  #delayed(to: number, payload: Uint8Array): Uint8Array[] {
    const delayMs = Math.floor(0.9 * this.#world.options.consensusTimeoutMs);
    this.#world.scheduler.after(delayMs, () => this.#to(to, payload));
    return [];
  }

  #voteFor(message: Message): void {
    if (message.kind !== 'prePrepare' && message.kind !== 'prepare' && message.kind !== 'commit') return;
    const { epoch, height } = message.kind === 'prePrepare' ? message.proposal : message;
    const { view } = message;
    const digest = message.kind === 'prePrepare' ? digestOf(message.proposal) : message.digest;
    for (const kind of ['prepare', 'commit'] as const) {
      // Once each: two replicas of this sort would answer each other for ever.
      const slot = `${kind} ${epoch} ${height} ${view} ${toHex(digest)}`;
      if (this.#voted.has(slot) || !this.#random.chance(60)) continue;
      this.#voted.add(slot);
      this.#toAll(encodeMessage(this.#signer.vote(kind, { epoch, height, view }, digest)));
    }
  }

  /** The result of a proposal on its head that is not decided. */
  #signEarly({ proposal }: PrePrepare): void {
    const { state } = this.#node.ledger;
    if (proposal.height !== state.height + 1) return;
    const { hash: headerHash } = execute(this.#world.rules, state, proposal, digestOf(proposal));
    const { epoch, height } = proposal;
    const signature = this.#signer.crypto.sign(headerHash);
    this.#toAll(
      encodeMessage({ kind: 'checkpoint', epoch, height, headerHash, signer: this.#signer.index, signature }),
    );
  }

  #withForgedNewView(message: Extract<Message, { kind: 'newView' }>, payload: Uint8Array): Uint8Array[] {
    const forged = forgedNewView(this.#random, this.#signer, message);
    return this.#random.chance(50) ? [forged] : [forged, payload];
  }

  #startTimed(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    switch (this.behaviour) {
      case 'spamViewChanges':
        return this.#every(SPAM_EVERY_MS, () => this.#spam());
      case 'floodFuture':
        return this.#every(FLOOD_EVERY_MS, () => this.#flood());
      case 'oldDisk':
        return this.#every(OLD_COPY_EVERY_MS, () => this.#fallBack());
      default:
    }
  }

  #every(everyMs: number, act: () => void): void {
    this.#world.scheduler.after(everyMs, () => {
      if (this.#isReformed) return;
      this.#every(everyMs, act);
      if (this.#node.isUp) act();
    });
  }

  #spam(): void {
    this.#spamView += 1 + this.#random.below(3);
    const { height, hash, epoch } = this.#node.ledger.state;
    const content = {
      signer: this.#signer.index,
      epoch,
      view: this.#spamView,
      headHeight: height,
      headHash: hash,
      claims: [],
    };
    this.#toAll(encodeMessage(this.#signer.viewChange(content, [])));
  }

  #flood(): void {
    const { height, epoch } = this.#node.ledger.state;
    const slot = {
      epoch: epoch + this.#random.pick([0, 0, 1, height + 1]),
      height: height + 1 + this.#random.below(24),
      view: this.#node.engine!.status().view + this.#random.below(12),
    };
    const kind = this.#random.pick(['prepare', 'commit'] as const);
    this.#toAll(encodeMessage(this.#signer.vote(kind, slot, this.#random.bytes(32))));
  }

  /** Now and then an operator copies its disk, or brings the copy back. */
  #fallBack(): void {
    const node = this.#node;
    if (this.#oldCopy === undefined || this.#random.chance(40)) {
      this.#oldCopy = { disk: new Map(node.disk), height: node.height };
    } else {
      node.crash();
      this.#world.scheduler.after(300, () => {
        if (!node.isUp) node.start();
      });
    }
  }
}
