import type { Client } from '../client.js';
import type { Hash } from '../hex.js';
import type { BlockHeader, Receipt } from '../rpc/shapes.js';
import { sdkError } from '../sdkError.js';
import { proveHeader, type Trust } from './proveHeader.js';
import { proveReceipt } from './proveTransaction.js';

/**
 * A receipt that need not be taken on faith from the node that gives it.
 * @returns the receipt and the header that proves it, whose sealers may be trusted from then on
 * @throws SdkError `NotProven`; `NotFound` while no block has the transaction
 */
export async function getProvenReceipt(
  client: Client,
  hash: Hash,
  trust: Trust,
): Promise<{ readonly receipt: Receipt; readonly header: BlockHeader }> {
  const [transaction, receipt] = await Promise.all([
    client.getTransactionWithProof(hash),
    client.getReceiptWithProof(hash),
  ]);
  if (transaction === null || receipt === null) {
    throw sdkError('NotFound', `no block has ${hash}`, 'wait for its receipt first');
  }
  const header = await client.getBlockHeader(transaction.transaction.blockNumber);
  proveHeader(client.suite, header, trust);
  proveReceipt(client.suite, transaction, receipt, header);
  return { receipt: receipt.transactionReceipt, header };
}
