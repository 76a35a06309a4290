import { errorString } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { ExecutionOutcome } from '@menglian/evm/ports';
import type { Address } from '@menglian/types/address';
import { TransactionStatus } from '@menglian/types/status';
import type { BlockScope } from '../blockScope.js';

/** Calls that the node itself refuses, each with a sentence as ABI Error(string): docs/evm.md, "Endings". */

/**
 * For a transaction of a frozen account; undefined for others. Asked for transactions only: inner calls and creations are
 * those of a contract. @param gasLeft a call keeps its gas, a creation loses it
 */
export function refuseFrozenAccount(block: BlockScope, origin: Address, gasLeft: number): ExecutionOutcome | undefined {
  if (block.overlay.account(origin)?.frozen !== true) return undefined;
  return refusal(block.suite, TransactionStatus.AccountFrozen, gasLeft, `Frozen account:0x${origin}`);
}

/** For a call of a frozen contract's code, inner calls included. */
export function refuseFrozenContract(suite: CryptoSuite, codeAddress: Address, gasLeft: number): ExecutionOutcome {
  return refusal(suite, TransactionStatus.ContractFrozen, gasLeft, `Frozen contract:${codeAddress}`);
}

/** For a call of an address without code; Ethereum would answer with success. */
export function refuseMissingCode(suite: CryptoSuite, codeAddress: Address, gasLeft: number): ExecutionOutcome {
  return refusal(suite, TransactionStatus.CallAddressError, gasLeft, `Error address:${codeAddress}`);
}

function refusal(suite: CryptoSuite, status: number, gasLeft: number, text: string): ExecutionOutcome {
  return { status, gasLeft, output: errorString((data) => suite.hash(data), text) };
}
