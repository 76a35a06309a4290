/** What a hostile replica can sign: anything, with its own key, as the sealer that it is. */
import type { ConsensusCrypto, Proposal } from '@menglian/consensus-core/ports';
import type { MessageKind, NewView, PrePrepare, ViewChange, ViewChangeStatement, Vote } from '@menglian/pbft/messages';
import { envelopeDigest, newViewDigest, viewChangeDigest } from '@menglian/pbft/signing';
import { digestOf, SIMULATED_GROUP } from '../chain.js';
import type { World } from '../world.js';

export interface Slot {
  readonly epoch: number;
  readonly height: number;
  readonly view: number;
}

export class HostileSigner {
  readonly #world: World;
  readonly #position: number;

  constructor(world: World, position: number) {
    this.#world = world;
    this.#position = position;
  }

  get crypto(): ConsensusCrypto {
    return this.#world.keys.cryptoOf(this.#world.nodes[this.#position]!.nodeId);
  }

  /** Own index among the sealers of the next height. */
  get index(): number {
    const { ledger, nodeId } = this.#world.nodes[this.#position]!;
    return Math.max(0, ledger.state.sealers.indexOf(nodeId));
  }

  envelope(kind: MessageKind, slot: Slot, digest: Uint8Array): { signer: number; signature: Uint8Array } {
    const signer = this.index;
    const signed = envelopeDigest(this.crypto, SIMULATED_GROUP, { kind, ...slot, signer, digest });
    return { signer, signature: this.crypto.sign(signed) };
  }

  vote(kind: Vote['kind'], { epoch, height, view }: Slot, digest: Uint8Array): Vote {
    return { kind, epoch, height, view, digest, ...this.envelope(kind, { epoch, height, view }, digest) };
  }

  prePrepare(proposal: Proposal, view: number): PrePrepare {
    const slot = { epoch: proposal.epoch, height: proposal.height, view };
    return { kind: 'prePrepare', view, proposal, ...this.envelope('prePrepare', slot, digestOf(proposal)) };
  }

  viewChange(content: Omit<ViewChangeStatement, 'signature'>, proofs: ViewChange['proofs']): ViewChange {
    const signature = this.crypto.sign(viewChangeDigest(this.crypto, SIMULATED_GROUP, content));
    return { kind: 'viewChange', statement: { ...content, signature }, proofs };
  }

  newView(content: NewView): NewView {
    const height = 1 + Math.max(...content.statements.map(({ headHeight }) => headHeight), 0);
    return { ...content, signature: this.crypto.sign(newViewDigest(this.crypto, SIMULATED_GROUP, height, content)) };
  }
}
