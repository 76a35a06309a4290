/** What a relay does next, from numbers alone: no clock, no node, nothing remembered between runs. */
import { BUNDLE_RECEIPTS_MAX } from '@menglian/interchain/limits';
import type { Hash } from '@menglian/sdk/hex';
import { BUNDLE_RECEIPT_BYTES_MAX } from './limits.js';
import type { MessagePlace } from './ports.js';

/** Transactions of one block whose receipts travel together. */
export interface PlannedBundle {
  readonly blockNumber: number;
  readonly transactions: readonly Hash[];
  /** Number of the last message in it. */
  readonly last: bigint;
}

/**
 * Bundles for what of a block was not taken yet, in order. A receipt that is too large for company travels alone.
 * @param taken number of the last message that was taken
 * @param receiptsMax fewer than a bundle may hold where receivers need much gas
 */
export function planBundles(
  blockNumber: number,
  places: readonly MessagePlace[],
  taken: bigint,
  receiptsMax = BUNDLE_RECEIPTS_MAX,
): readonly PlannedBundle[] {
  const bundles: PlannedBundle[] = [];
  let transactions: Hash[] = [];
  let last = taken;
  let bytes = 0;
  const finish = () => {
    if (transactions.length > 0) bundles.push({ blockNumber, transactions, last });
    transactions = [];
    bytes = 0;
  };
  for (const place of places) {
    if (place.last <= taken) continue;
    const isFull = transactions.length >= Math.min(receiptsMax, BUNDLE_RECEIPTS_MAX);
    if (isFull || bytes + place.bytes > BUNDLE_RECEIPT_BYTES_MAX) finish();
    transactions.push(place.transactionHash);
    bytes += place.bytes;
    last = place.last;
  }
  finish();
  return bundles;
}
