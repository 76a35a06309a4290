import type { WriteOperation } from '@menglian/storage/ports';
import { encodeHead, type HeadRecord } from './headRecord.js';
import { encodeLocation, encodeNumber } from './indexRecords.js';
import { blockHashKey, blockKey, blockNumberKey, HEAD_KEY, noncesKey, stateKey, transactionKey } from './keys.js';
import { NONCE_WINDOW_BLOCKS } from './limits.js';
import { encodeNonces } from './nonces.js';
import { encodeChainLink, type OrderRecord } from './orderRecord.js';
import type { StateChange } from './stateView.js';

/** Everything that storing one block changes, as one list: block, indexes, sums, nonces, state. */
export function commitBatch(
  record: HeadRecord,
  block: Uint8Array,
  order: OrderRecord,
  transactions: { readonly hashes: readonly Uint8Array[]; readonly nonces: readonly bigint[] },
  changes: readonly StateChange[],
): WriteOperation[] {
  const { number, hash } = record;
  const batch: WriteOperation[] = [
    { key: blockKey(number), value: block },
    { key: blockHashKey(number), value: encodeChainLink({ hash, order }) },
    { key: blockNumberKey(hash), value: encodeNumber(number) },
    { key: noncesKey(number), value: encodeNonces(transactions.nonces) },
    { key: HEAD_KEY, value: encodeHead(record) },
  ];
  // Nonces that fell out of the window can still be had from their block.
  if (number >= NONCE_WINDOW_BLOCKS) batch.push({ key: noncesKey(number - NONCE_WINDOW_BLOCKS), value: undefined });
  for (const [index, transactionHash] of transactions.hashes.entries()) {
    batch.push({ key: transactionKey(transactionHash), value: encodeLocation({ number, index }) });
  }
  for (const { key, value } of changes) batch.push({ key: stateKey(key), value });
  return batch;
}
