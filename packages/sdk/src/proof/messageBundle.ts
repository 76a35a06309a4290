import { encodeHeaderProof } from '@menglian/interchain/headerProof';
import { encodeMessageBundle } from '@menglian/interchain/messageBundle';
import { type Hex, hexOf } from '../hex.js';
import type { BlockHeader, ReceiptWithProof } from '../rpc/shapes.js';
import { chainReceipt, headerProofOf, merkleLevels } from './chainObjects.js';

/** A header with signatures as the contract LightClients takes it (`update`, `report`). Nothing is checked here. */
export function headerProofBytes(header: BlockHeader): Hex {
  return hexOf(encodeHeaderProof(headerProofOf(header)));
}

/**
 * What the contracts Messages (`deliver`, `retry`) and LightClients (`checkReceipt`) take: receipts of one block, and the
 * header that proves them. Nothing is checked here: the contracts do.
 * @param receipts of the header's block, at most 64
 */
export function messageBundleBytes(header: BlockHeader, receipts: readonly ReceiptWithProof[]): Hex {
  const proofs = receipts
    .toSorted((a, b) => a.transactionReceipt.transactionIndex - b.transactionReceipt.transactionIndex)
    .map(({ transactionReceipt, receiptProof }) => ({
      receipt: chainReceipt(transactionReceipt),
      index: transactionReceipt.transactionIndex,
      levels: merkleLevels(receiptProof),
    }));
  return hexOf(encodeMessageBundle({ header: headerProofOf(header), receipts: proofs }));
}
