/** What a host knows of proposals above its head: their content by digest, and the states that executing them leaves. */
import { equalBytes } from '@menglian/base/bytes';
import type { Proposal } from '@menglian/consensus-core/ports';
import type { ChainState } from '../chain.js';
import { keyOf } from '../fakeCrypto.js';

export class InFlight {
  readonly #proposals = new Map<number, Proposal>();
  readonly #results = new Map<number, ChainState>();

  note(digest: Uint8Array, proposal: Proposal): void {
    this.#proposals.set(keyOf(digest), proposal);
  }

  /** Transactions of the proposals from `parentDigest` down to the head; undefined when that chain does not reach it. */
  transactionsAbove(head: ChainState, parentDigest: Uint8Array): Set<number> | undefined {
    const transactions = new Set<number>();
    for (let digest = parentDigest; !equalBytes(digest, head.digest);) {
      const proposal = this.#proposals.get(keyOf(digest));
      if (proposal === undefined || proposal.height <= head.height) return undefined;
      for (const hash of proposal.transactionHashes) transactions.add(keyOf(hash));
      digest = proposal.parentDigest;
    }
    return transactions;
  }

  proposal(digest: Uint8Array): Proposal | undefined {
    return this.#proposals.get(keyOf(digest));
  }

  noteResult(state: ChainState): void {
    this.#results.set(keyOf(state.digest), state);
  }

  /** The state that a digest leaves, if it has been executed. */
  result(digest: Uint8Array): ChainState | undefined {
    return this.#results.get(keyOf(digest));
  }

  /** A block was stored: what is at or below it is in the ledger, or came to nothing. */
  dropUpTo(height: number): void {
    for (const [key, proposal] of this.#proposals) if (proposal.height <= height) this.#proposals.delete(key);
    for (const [key, state] of this.#results) if (state.height <= height) this.#results.delete(key);
  }
}
