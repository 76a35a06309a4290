import { ZERO_ADDRESS } from '@menglian/types/address';
import { openBlockScope } from './blockScope.js';
import type { ExecutorParts } from './blockScope.js';
import type { CallInput, CallResult } from './ports.js';
import { StateOverlay } from './state/overlay.js';
import { executeTransaction } from './transaction/executeTransaction.js';
import { TransactionHost } from './transaction/transactionHost.js';

const CALL_GAS_PRICE = 1n;
/** The gas field of the transaction that a call stands for. */
const CALL_GAS_FIELD = (1n << 63n) - 1n;

/**
 * The RPC method `call` (docs/json-rpc.md, "Methods of transactions"): a transaction on the latest state that nobody signed,
 * pays for or keeps. It sees the latest block as its own, and what it writes is thrown away with the overlay.
 */
export function executeCall(input: CallInput, parts: ExecutorParts): CallResult {
  const overlay = new StateOverlay(input.suite, input.view);
  const block = openBlockScope(input, input.header, input.header.number, parts, overlay);
  const { status, output, gasUsed } = executeTransaction(new TransactionHost(block), {
    from: input.from,
    to: input.to ?? ZERO_ADDRESS,
    value: input.value,
    data: input.data,
    gasPrice: CALL_GAS_PRICE,
    gas: CALL_GAS_FIELD,
  });
  return { status, output, gasUsed };
}
