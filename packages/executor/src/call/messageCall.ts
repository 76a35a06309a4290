import { EMPTY_BYTES } from '@menglian/base/bytes';
import { builtin } from '@menglian/evm/builtins';
import type { BuiltIn } from '@menglian/evm/builtins';
import { execute } from '@menglian/evm/execute';
import type { CallMessage, ExecutionOutcome } from '@menglian/evm/ports';
import type { SystemContract } from '@menglian/precompiled/ports';
import { requiredSetting } from '@menglian/precompiled/systemContracts';
import type { Address } from '@menglian/types/address';
import { TransactionStatus } from '@menglian/types/status';
import {
  BUDGET_BYTES_PER_UNIT,
  BUDGET_UNITS_PER_CALL,
  BUDGET_UNITS_PER_SYSTEM_BYTE,
  BUDGET_UNITS_PER_SYSTEM_CALL,
} from '../limits.js';
import { hasCode } from '../state/accounts.js';
import { refuseFrozenContract, refuseMissingCode } from './refusals.js';
import type { TransactionHost } from '../transaction/transactionHost.js';

/**
 * One message call, of a transaction or of code: what answers at the address, in 2.x's order (docs/evm.md, "Calls and
 * creation"). State is as it was before whenever the status is not 0. What gas each ending leaves: docs/evm.md, "Endings".
 */
export function callMessage(host: TransactionHost, message: CallMessage): ExecutionOutcome {
  host.spend(BUDGET_UNITS_PER_CALL + Math.floor(message.input.length / BUDGET_BYTES_PER_UNIT));
  if (host.isBudgetSpent) return failure(TransactionStatus.OutOfGas, message.gas);

  const builtIn = builtin(message.codeAddress);
  if (builtIn !== undefined) return callBuiltIn(host, builtIn, message);

  const contract = host.systemContractAt(message.codeAddress);
  if (contract !== undefined) return callSystemContract(host, contract, message);

  const { suite, overlay } = host.block;
  const account = overlay.account(message.codeAddress);
  if (account?.frozen === true) return refuseFrozenContract(suite, message.codeAddress, message.gas);
  if (account === undefined || !hasCode(suite, account))
    return refuseMissingCode(suite, message.codeAddress, message.gas);
  const code = host.loadCode(account.codeHash);
  if (host.isBudgetSpent) return failure(TransactionStatus.OutOfGas, message.gas);
  const snapshot = host.snapshot();
  const outcome = execute(code, message, host, host.context, host.block.schedule, suite);
  if (outcome.status !== TransactionStatus.None) host.revert(snapshot);
  return outcome;
}

/** Ethereum's precompiles. A price above the gas: 8; bad input: 22 without output. Both take everything. */
function callBuiltIn(host: TransactionHost, builtIn: BuiltIn, message: CallMessage): ExecutionOutcome {
  const gas = builtIn.gas(message.input);
  if (gas > message.gas) return failure(TransactionStatus.OutOfGasBase, 0);
  host.spend(Math.max(0, builtIn.work(message.input) - gas));
  if (host.isBudgetSpent) return failure(TransactionStatus.OutOfGas, message.gas);
  const output = builtIn.run(message.input, host.block.ecdsa);
  if (output === undefined) return failure(TransactionStatus.RevertInstruction, 0);
  return { status: TransactionStatus.None, gasLeft: message.gas - gas, output };
}

/** Whatever the kind of the call: STATICCALL does not protect, CALLCODE and DELEGATECALL act as CALL. */
function callSystemContract(host: TransactionHost, contract: SystemContract, message: CallMessage): ExecutionOutcome {
  host.spend(BUDGET_UNITS_PER_SYSTEM_CALL + BUDGET_UNITS_PER_SYSTEM_BYTE * message.input.length);
  if (host.isBudgetSpent) return failure(TransactionStatus.OutOfGas, message.gas);
  const snapshot = host.snapshot();
  const { input } = message;
  const sender = senderOf(message);
  const outerDepth = host.systemContractDepth;
  host.systemContractDepth = message.depth;
  const outcome = contract.run(host.system, { sender, input, gasLeft: message.gas });
  host.systemContractDepth = outerDepth;
  if (host.isBudgetSpent) {
    host.revert(snapshot);
    return failure(TransactionStatus.OutOfGas, message.gas);
  }
  if (outcome.status !== TransactionStatus.None) host.revert(snapshot);
  return { status: outcome.status, gasLeft: message.gas - outcome.gasUsed, output: outcome.output };
}

/**
 * DELEGATECALL hands on the caller of the contract that runs, and in 2.x system contracts take that for their sender. In our own the
 * contract that runs is the sender: whoever calls a contract does not lend it their name, and with it their money.
 */
function senderOf({ kind, codeAddress, recipient, sender }: CallMessage): Address {
  return kind === 'delegatecall' && requiredSetting(codeAddress) !== undefined ? recipient : sender;
}

function failure(status: number, gasLeft: number): ExecutionOutcome {
  return { status, gasLeft, output: EMPTY_BYTES };
}
