import type { Address } from '@menglian/types/address';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { ConflictKeys } from './conflictKeys.js';

/** What is known of a transaction before it runs. */
export interface PlannedTransaction {
  /** false: it runs on the group's thread, in its turn */
  readonly isSpeculative: boolean;
  /** Index of the transaction that must be settled before it is tried, or -1. */
  readonly predecessor: number;
}

/** By index in the block. */
export type Plan = readonly PlannedTransaction[];

/**
 * Chains transactions that declared the same key. Whatever declared nothing is tried at once; conflicts that nobody declared
 * show when a transaction is settled.
 * @param isWorthIt whether to try it on a worker at all
 * @param chargeGas senders pay: two transactions of one conflict
 */
export function planBlock(
  transactions: readonly SignedTransaction[],
  keys: ConflictKeys,
  isWorthIt: (transaction: SignedTransaction) => boolean,
  chargeGas: boolean,
): Plan {
  const last = new Map<string, number>();
  const lastOfSender = new Map<Address, number>();
  return transactions.map((transaction, index) => {
    let predecessor = -1;
    for (const key of keys.of(transaction) ?? []) {
      predecessor = Math.max(predecessor, last.get(key) ?? -1);
      last.set(key, index);
    }
    if (chargeGas) {
      predecessor = Math.max(predecessor, lastOfSender.get(transaction.sender) ?? -1);
      lastOfSender.set(transaction.sender, index);
    }
    return { isSpeculative: isWorthIt(transaction), predecessor };
  });
}
