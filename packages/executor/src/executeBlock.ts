import type { CryptoSuite } from '@menglian/crypto/suite';
import { stateDigest } from '@menglian/ledger/stateDigest';
import { bloomOf } from '@menglian/types/bloom';
import { merkleRoot } from '@menglian/types/merkle';
import { receiptHash } from '@menglian/types/receipt';
import type { Receipt } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';
import { openBlockScope } from './blockScope.js';
import type { BlockScope, ExecutorParts } from './blockScope.js';
import type { BlockInput, BlockResult } from './ports.js';
import type { Execution } from './transaction/executeTransaction.js';
import { executeCharged } from './transaction/gasCharge.js';

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
  const receipts = executed.map((execution) => receiptOf(suite, execution, digest));
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

function runTransaction(block: BlockScope, transaction: SignedTransaction): Execution {
  const { sender, to, value, data, gasPrice, gas } = transaction;
  return executeCharged(block, { from: sender, to, value, data, gasPrice, gas });
}

function receiptOf(suite: CryptoSuite, execution: Execution, stateRoot: Uint8Array): Receipt {
  const { status, gasUsed, contractAddress, output, logs, remainGas } = execution;
  return { stateRoot, gasUsed, contractAddress, logsBloom: bloomOf(suite, logs), status, output, remainGas, logs };
}
