import type { CryptoSuite } from '@menglian/crypto/suite';
import { stateDigest } from '@menglian/ledger/stateDigest';
import { BLOOM_BYTES, bloomOf } from '@menglian/types/bloom';
import { merkleRoot } from '@menglian/types/merkle';
import type { Receipt } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';
import { openBlockScope } from './blockScope.js';
import type { ExecutorParts } from './blockScope.js';
import type { BlockInput, BlockResult } from './ports.js';
import { receiptHashes } from './receiptHashes.js';
import type { StateOverlay } from './state/overlay.js';
import type { Execution } from './transaction/executeTransaction.js';
import { executeCharged } from './transaction/gasCharge.js';
import { TransactionHost } from './transaction/transactionHost.js';

/** Most receipts have no logs: they share one. */
const EMPTY_BLOOM = new Uint8Array(BLOOM_BYTES);

/**
 * Runs the transactions of a block one after another over an overlay of the parent's state: the reference that every other
 * way of running a block must equal byte for byte.
 * @param overlay just begun on the block's view
 */
export function executeBlock(input: BlockInput, parts: ExecutorParts, overlay: StateOverlay): BlockResult {
  const block = openBlockScope(input, input.header, input.header.number - 1, parts, overlay);
  const host = new TransactionHost(block);
  return blockResult(
    input,
    overlay,
    input.transactions.map((transaction) => runTransaction(host, transaction)),
  );
}

/** What is made of a block when all its transactions have run. */
export function blockResult(input: BlockInput, overlay: StateOverlay, executed: readonly Execution[]): BlockResult {
  const { suite, transactions } = input;
  const changes = overlay.changes();
  const digest = stateDigest(suite, input.parent.stateDigest, changes);
  const receipts = executed.map((execution) => receiptOf(suite, execution, digest));
  const hashes = transactions.map(({ hash }) => hash);
  return {
    receipts,
    changes,
    stateDigest: digest,
    transactionsRoot: merkleRoot(suite, hashes),
    receiptsRoot: merkleRoot(suite, receiptHashes(suite, receipts)),
  };
}

export function runTransaction(host: TransactionHost, transaction: SignedTransaction): Execution {
  const { sender, to, value, data, gasPrice, gas } = transaction;
  return executeCharged(host, { from: sender, to, value, data, gasPrice, gas });
}

function receiptOf(suite: CryptoSuite, execution: Execution, stateRoot: Uint8Array): Receipt {
  const { status, gasUsed, contractAddress, output, logs, remainGas } = execution;
  const logsBloom = logs.length === 0 ? EMPTY_BLOOM : bloomOf(suite, logs);
  return { stateRoot, gasUsed, contractAddress, logsBloom, status, output, remainGas, logs };
}
