import { toHex } from '@menglian/base/bytes';
import type { ChainHead, Proposal } from '@menglian/consensus-core/ports';
import type { NonceKey } from '@menglian/types/nonceKey';
import type { SignedTransaction } from '@menglian/types/transaction';

/** A proposal above the head whose bodies are all here and that was found right, or is this node's own. */
export interface ProposalInFlight {
  readonly digest: Uint8Array;
  readonly proposal: Proposal;
  readonly transactions: readonly SignedTransaction[];
  /** of the transactions */
  readonly nonces: ReadonlySet<NonceKey>;
}

/**
 * Proposals above the stored head, by digest: what a later one may name as its parent. They form a tree, because a view
 * change can leave a branch behind; which branch counts is for the engine to say.
 */
export class InFlight {
  readonly #proposals = new Map<string, ProposalInFlight>();
  #head: Pick<ChainHead, 'height' | 'order'>;

  constructor(head: ChainHead) {
    this.#head = head;
  }

  get(digest: Uint8Array): ProposalInFlight | undefined {
    return this.#proposals.get(toHex(digest));
  }

  add(digest: Uint8Array, proposal: Proposal, transactions: readonly SignedTransaction[]): ProposalInFlight {
    const id = toHex(digest);
    const known = this.#proposals.get(id);
    if (known !== undefined) return known;
    const nonces = new Set(transactions.map(({ nonceKey }) => nonceKey));
    const added = { digest, proposal, transactions, nonces };
    this.#proposals.set(id, added);
    return added;
  }

  /**
   * The proposals between the head and a block of `height` on that parent, the lowest first.
   * @returns undefined when the parent is not known here or its branch does not follow from the head
   */
  ancestors(height: number, parentDigest: Uint8Array): ProposalInFlight[] | undefined {
    const ancestors: ProposalInFlight[] = [];
    let digest = toHex(parentDigest);
    for (let below = height - 1; below > this.#head.height; below--) {
      const known = this.#proposals.get(digest);
      if (known === undefined || known.proposal.height !== below) return undefined;
      ancestors.unshift(known);
      digest = toHex(known.proposal.parentDigest);
    }
    return height > this.#head.height && digest === toHex(this.#head.order.digest) ? ancestors : undefined;
  }

  /** The head has risen: forgets its height and below, what does not follow from it, and what an ended epoch made void. */
  onStored(head: ChainHead): void {
    this.#head = head;
    for (const [id, { proposal }] of this.#proposals) {
      const follows = this.ancestors(proposal.height, proposal.parentDigest) !== undefined;
      if (!follows || proposal.epoch !== head.order.epoch) this.#proposals.delete(id);
    }
  }
}
