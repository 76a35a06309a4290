import type { CryptoSuite } from '@menglian/crypto/suite';
import { statusName } from '@menglian/types/status';
import type { Abi } from '../abi/abi.js';
import { type RevertReason, revertReason } from '../abi/functions.js';
import type { Hex } from '../hex.js';
import type { Receipt } from '../rpc/shapes.js';
import { SdkError } from '../sdkError.js';

/** What to try, by the name of the status (docs/formats.md, "Status table"). */
const ADVICE: Readonly<Record<string, string>> = {
  RevertInstruction: 'the contract refused: look at its conditions',
  CallAddressError: 'no contract is at this address: see that it is of this chain and group',
  PrecompiledError: 'a system contract refused its arguments',
  PermissionDenied: 'this account may not do this: ask the committee of the chain',
  ContractFrozen: 'the contract is frozen: one of its managers can unfreeze it',
  AccountFrozen: 'this account is frozen: a member of the committee can unfreeze it',
  NotEnoughRemainGas: 'the chain charges gas and this account has too little: ask a charger',
  OutOfGas: 'the transaction needs more than tx_gas_limit of the chain allows: do less at once',
  BlockLimitCheckFail: 'the transaction waited too long or its block limit is too far: sign anew',
  NonceCheckFail: 'the nonce was used: if the transaction was sent before ask for its receipt, else sign anew',
  TxPoolIsFull: 'the node has as many transactions as it holds: send again later, or slower',
};

export interface ExecutionFailure {
  readonly status: number;
  readonly output: Hex;
  readonly reason: RevertReason | undefined;
  /** undefined when it was a call without a transaction. */
  readonly receipt: Receipt | undefined;
}

/** A call or a transaction that the chain executed and that failed; `code` is the name of its status. */
export class ExecutionError extends SdkError {
  override readonly name = 'ExecutionError';
  readonly status: number;
  readonly output: Hex;
  readonly reason: RevertReason | undefined;
  readonly receipt: Receipt | undefined;

  constructor(what: string, { status, output, reason, receipt }: ExecutionFailure) {
    const code = statusName(status);
    const said = reason === undefined ? '' : `: ${reason.text}`;
    super(code, `${what} failed${said}`, ADVICE[code] ?? `status ${status} is of the table of statuses`);
    this.status = status;
    this.output = output;
    this.reason = reason;
    this.receipt = receipt;
  }
}

/** @throws ExecutionError unless the status is success. @param what for the error: a function's name */
export function checkExecution(
  suite: CryptoSuite,
  what: string,
  result: { readonly status: number; readonly output: Hex },
  options: { readonly abi?: Abi; readonly receipt?: Receipt } = {},
): void {
  if (result.status === 0) return;
  const { status, output } = result;
  const reason = revertReason(suite, output, options.abi);
  throw new ExecutionError(what, { status, output, reason, receipt: options.receipt });
}
