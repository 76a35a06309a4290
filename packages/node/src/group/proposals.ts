import { toHex } from '@menglian/base/bytes';
import type { Effect, Proposal } from '@menglian/consensus-core/ports';
import type { SignedTransaction } from '@menglian/types/transaction';

export type VerifyProposalEffect = Extract<Effect, { kind: 'verifyProposal' }>;

/** Proposals that wait for bodies at once: each view brings one, and only the latest few can still matter. */
const PROPOSALS_MAX = 8;

interface Waiting {
  readonly effect: VerifyProposalEffect;
  readonly missing: Set<string>;
}

/** Where else a body may be: the pool. */
export interface TransactionSource {
  get(id: string): SignedTransaction | undefined;
}

/**
 * The transaction bodies of the proposals for the next height: those that are here, and which proposals wait for
 * others. Emptied when a block is stored.
 */
export class Proposals {
  readonly #pool: TransactionSource;
  readonly #bodies = new Map<string, SignedTransaction>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(components: { readonly pool: TransactionSource }) {
    this.#pool = components.pool;
  }

  /** Keeps bodies that must survive even if the pool drops them: those of an own proposal, or of the time before a restart. */
  keep(transactions: Iterable<SignedTransaction>): void {
    for (const transaction of transactions) this.#bodies.set(toHex(transaction.hash), transaction);
  }

  /** One body, from the pool or from the proposals of the next height. */
  body(id: string): SignedTransaction | undefined {
    return this.#bodies.get(id) ?? this.#pool.get(id);
  }

  /** @returns the bodies in block order, or undefined while one is missing */
  bodies(proposal: Proposal): SignedTransaction[] | undefined {
    const found: SignedTransaction[] = [];
    for (const hash of proposal.transactionHashes) {
      const id = toHex(hash);
      const transaction = this.body(id);
      if (transaction === undefined) return undefined;
      this.#bodies.set(id, transaction);
      found.push(transaction);
    }
    return found;
  }

  /** Notes a proposal whose bodies are wanted. @returns ids of the missing ones; none when it is complete */
  wait(effect: VerifyProposalEffect): string[] {
    const missing = new Set<string>();
    for (const hash of effect.proposal.transactionHashes) {
      const id = toHex(hash);
      const transaction = this.body(id);
      if (transaction === undefined) missing.add(id);
      else this.#bodies.set(id, transaction);
    }
    if (missing.size === 0) return [];
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size >= PROPOSALS_MAX && oldest !== undefined) this.#waiting.delete(oldest);
    this.#waiting.set(`${effect.view}/${toHex(effect.digest)}`, { effect, missing });
    return [...missing];
  }

  /** Whether a proposal waits for this body. */
  wants(id: string): boolean {
    for (const { missing } of this.#waiting.values()) if (missing.has(id)) return true;
    return false;
  }

  /** A body has come. @returns proposals that are complete now */
  onTransaction(transaction: SignedTransaction): VerifyProposalEffect[] {
    const id = toHex(transaction.hash);
    const complete: VerifyProposalEffect[] = [];
    for (const [key, { effect, missing }] of this.#waiting) {
      if (!missing.delete(id)) continue;
      this.#bodies.set(id, transaction);
      if (missing.size > 0) continue;
      this.#waiting.delete(key);
      complete.push(effect);
    }
    return complete;
  }

  /** A block is stored: what was proposed for its height does not matter any more. @returns ids nobody waits for now */
  clear(): string[] {
    const abandoned = [...this.#waiting.values()].flatMap(({ missing }) => [...missing]);
    this.#bodies.clear();
    this.#waiting.clear();
    return abandoned;
  }
}
