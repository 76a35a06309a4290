import { toHex } from '@menglian/base/bytes';
import type { Effect, Proposal } from '@menglian/consensus-core/ports';
import type { SignedTransaction } from '@menglian/types/transaction';

export type VerifyProposalEffect = Extract<Effect, { kind: 'verifyProposal' }>;

/**
 * Proposals that wait for bodies at once. A proposal is asked for when its parent was verified, so each view has one that
 * waits, and only the latest few views can still matter.
 */
const PROPOSALS_MAX = 16;

interface Waiting {
  readonly effect: VerifyProposalEffect;
  readonly missing: Set<string>;
}

/** Where else a body may be: the pool. */
export interface TransactionSource {
  get(id: string): SignedTransaction | undefined;
}

/**
 * The transaction bodies of proposals above the head: those that are here, and which proposals wait for others. Those of
 * a height go when it is stored.
 */
export class Proposals {
  readonly #pool: TransactionSource;
  readonly #bodies = new Map<number, Map<string, SignedTransaction>>();
  readonly #waiting = new Map<string, Waiting>();
  /** Ids of a proposal's transactions: they are looked up three times, and making them costs more than that. */
  readonly #ids = new WeakMap<readonly Uint8Array[], readonly string[]>();
  /** Its bodies, once they were all here: verification, execution and storing ask for them. */
  readonly #complete = new WeakMap<readonly Uint8Array[], readonly SignedTransaction[]>();

  constructor(components: { readonly pool: TransactionSource }) {
    this.#pool = components.pool;
  }

  /** Keeps bodies that must survive even if the pool drops them: those of an own proposal, or of the time before a restart. */
  keep(height: number, transactions: Iterable<SignedTransaction>): void {
    const bodies = this.#at(height);
    for (const transaction of transactions) bodies.set(transaction.id, transaction);
  }

  /** One body, from the pool or from the proposals above the head. */
  body(id: string): SignedTransaction | undefined {
    const pooled = this.#pool.get(id);
    if (pooled !== undefined) return pooled;
    for (const bodies of this.#bodies.values()) {
      const body = bodies.get(id);
      if (body !== undefined) return body;
    }
    return undefined;
  }

  /** Ids of the transactions that a proposal names, in block order. */
  idsOf({ transactionHashes }: Proposal): readonly string[] {
    let ids = this.#ids.get(transactionHashes);
    if (ids === undefined) {
      ids = transactionHashes.map(toHex);
      this.#ids.set(transactionHashes, ids);
    }
    return ids;
  }

  /** @returns the bodies in block order, or undefined while one is missing */
  bodies(proposal: Proposal): readonly SignedTransaction[] | undefined {
    const complete = this.#complete.get(proposal.transactionHashes);
    if (complete !== undefined) return complete;
    const kept = this.#at(proposal.height);
    const found: SignedTransaction[] = [];
    for (const id of this.idsOf(proposal)) {
      let transaction = kept.get(id);
      if (transaction === undefined) {
        transaction = this.body(id);
        if (transaction === undefined) return undefined;
        kept.set(id, transaction);
      }
      found.push(transaction);
    }
    this.#complete.set(proposal.transactionHashes, found);
    return found;
  }

  /** Notes a proposal whose bodies are wanted. @returns ids of the missing ones; none when it is complete */
  wait(effect: VerifyProposalEffect): string[] {
    const kept = this.#at(effect.height);
    const missing = new Set<string>();
    for (const id of this.idsOf(effect.proposal)) {
      const transaction = this.body(id);
      if (transaction === undefined) missing.add(id);
      else kept.set(id, transaction);
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
    const { id } = transaction;
    const complete: VerifyProposalEffect[] = [];
    for (const [key, { effect, missing }] of this.#waiting) {
      if (!missing.delete(id)) continue;
      this.#at(effect.height).set(id, transaction);
      if (missing.size > 0) continue;
      this.#waiting.delete(key);
      complete.push(effect);
    }
    return complete;
  }

  /** Blocks up to `height` are stored: what was proposed for them does not matter any more. @returns ids nobody waits for now */
  clear(height: number): string[] {
    for (const stored of this.#bodies.keys()) if (stored <= height) this.#bodies.delete(stored);
    const abandoned: string[] = [];
    for (const [key, { effect, missing }] of this.#waiting) {
      if (effect.height > height) continue;
      this.#waiting.delete(key);
      abandoned.push(...missing);
    }
    return abandoned.filter((id) => !this.wants(id));
  }

  #at(height: number): Map<string, SignedTransaction> {
    let bodies = this.#bodies.get(height);
    if (bodies === undefined) {
      bodies = new Map();
      this.#bodies.set(height, bodies);
    }
    return bodies;
  }
}
