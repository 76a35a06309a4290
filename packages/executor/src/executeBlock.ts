import { stateDigest } from '@menglian/ledger/stateDigest';
import { bloomOf } from '@menglian/types/bloom';
import { merkleRoot } from '@menglian/types/merkle';
import { receiptHash } from '@menglian/types/receipt';
import type { Receipt } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';
import { openBlockScope } from './blockScope.js';
import type { BlockScope, ExecutorParts } from './blockScope.js';
import type { BlockInput, BlockResult } from './ports.js';
import { executeCharged } from './transaction/gasCharge.js';

type ReceiptWithoutRoot = Omit<Receipt, 'stateRoot'>;

/**
 * Runs the transactions of a block one after another over an overlay of the parent's state: the reference that every other
 * way of running a block must equal byte for byte.
 */
export function executeBlock(input: BlockInput, parts: ExecutorParts): BlockResult {
  const { suite } = input;
  const block = openBlockScope(input, input.header, input.header.number - 1, parts);
  const executed = input.transactions.map((transaction) => runTransaction(block, transaction));
  const changes = block.overlay.changes();
  const digest = stateDigest(suite, input.parent.stateDigest, changes);
  const receipts = executed.map((receipt): Receipt => ({ ...receipt, stateRoot: digest }));
  return {
    receipts,
    changes,
    stateDigest: digest,
    transactionsRoot: merkleRoot(
      suite,
      input.transactions.map((transaction) => transaction.hash),
    ),
    receiptsRoot: merkleRoot(
      suite,
      receipts.map((receipt) => receiptHash(suite, receipt)),
    ),
  };
}

function runTransaction(block: BlockScope, transaction: SignedTransaction): ReceiptWithoutRoot {
  const { sender, to, value, data, gasPrice, gas } = transaction;
  const execution = executeCharged(block, { from: sender, to, value, data, gasPrice, gas });
  return { ...execution, logsBloom: bloomOf(block.suite, execution.logs) };
}
