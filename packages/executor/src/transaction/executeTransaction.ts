import { EMPTY_BYTES } from '@menglian/base/bytes';
import type { ExecutionOutcome } from '@menglian/evm/ports';
import { MESSAGES_ADDRESS } from '@menglian/interchain/sentMessage';
import { logBytesOf } from '@menglian/precompiled/ports';
import { ZERO_ADDRESS } from '@menglian/types/address';
import type { Address } from '@menglian/types/address';
import type { Log } from '@menglian/types/receipt';
import { TransactionStatus } from '@menglian/types/status';
import type { BlockScope } from '../blockScope.js';
import { MESSAGE_RECEIPT_BYTES_MAX } from '../limits.js';
import { createContract } from '../call/creation.js';
import { refuseFrozenAccount } from '../call/refusals.js';
import { callMessage } from '../call/messageCall.js';
import { baseGas, intrinsicGas } from './baseGas.js';
import { gasUsedAfterRefund } from './refund.js';
import type { TransactionHost } from './transactionHost.js';

/** A transaction or an RPC call, as far as execution looks at it. */
export interface Request {
  readonly from: Address;
  /** undefined: a creation */
  readonly to: Address | undefined;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly gasPrice: bigint;
  /** The transaction's own field; it enters the cap of refunds and nothing else. */
  readonly gas: bigint;
}

/** What goes into the receipt. */
export interface Execution {
  readonly status: number;
  readonly gasUsed: bigint;
  readonly contractAddress: Address;
  readonly output: Uint8Array;
  readonly logs: readonly Log[];
  /** What the sender has left; 0 where gas is not charged. */
  readonly remainGas: bigint;
}

/** Runs one transaction on the block's overlay and leaves there what stays. Total: every input has an outcome. */
export function executeTransaction(host: TransactionHost, request: Request): Execution {
  const { block } = host;
  const intrinsic = intrinsicGas(request.data, request.to === undefined);
  if (intrinsic > block.gasLimit) return allGas(block, TransactionStatus.OutOfGasIntrinsic);
  const base = baseGas(intrinsic, block.freeStorage);
  if (base > block.gasLimit) return allGas(block, TransactionStatus.OutOfGasBase);

  host.begin(request.from, request.gasPrice);
  const outcome = run(host, request, block.gasLimit - base);
  for (const address of host.destroyed) destroy(block, address);
  const bytes = outcome.output.length + logBytesOf(host.logs);
  if (!isProvable(host.logs, bytes) || !block.results.hasRoom(bytes) || !block.overlay.commitTransaction()) {
    block.overlay.revert(0);
    return allGas(block, TransactionStatus.OutOfGas);
  }
  block.results.take(bytes);
  return {
    status: outcome.status,
    gasUsed: gasUsedAfterRefund(block.gasLimit, outcome.gasLeft, host.refunds, request.gas),
    contractAddress: (outcome.status === TransactionStatus.None ? outcome.address : undefined) ?? ZERO_ADDRESS,
    output: outcome.output,
    logs: host.logs,
    remainGas: 0n,
  };
}

/** @returns `address` of a creation */
function run(host: TransactionHost, request: Request, gas: number): ExecutionOutcome & { readonly address?: Address } {
  const { from, to, value, data } = request;
  if (to === undefined) {
    return createContract(host, { gas, sender: from, value, initCode: data, salt: undefined, depth: 0 });
  }
  return (
    refuseFrozenAccount(host.block, from, gas) ??
    callMessage(host, {
      kind: 'call',
      gas,
      sender: from,
      recipient: to,
      codeAddress: to,
      value,
      input: data,
      depth: 0,
      isStatic: false,
    })
  );
}

/** SELFDESTRUCT, when the transaction is over: the code goes, the storage stays, and the address may be created again. */
function destroy(block: BlockScope, address: Address): void {
  const account = block.overlay.account(address);
  if (account === undefined) return;
  block.overlay.setAccount(address, {
    ...account,
    codeHash: block.suite.emptyHash,
    creationCount: 0n,
    destroyed: true,
  });
}

/** Whether a message to another chain, if there is one, can be handed over there with the receipt it is in. */
function isProvable(logs: readonly Log[], bytes: number): boolean {
  return bytes <= MESSAGE_RECEIPT_BYTES_MAX || !logs.some(({ address }) => address === MESSAGES_ADDRESS);
}

/** A transaction that left no trace and took its whole limit. */
function allGas(block: BlockScope, status: number): Execution {
  return {
    status,
    gasUsed: BigInt(block.gasLimit),
    contractAddress: ZERO_ADDRESS,
    output: EMPTY_BYTES,
    logs: [],
    remainGas: 0n,
  };
}
