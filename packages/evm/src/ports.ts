import type { Address } from '@menglian/types/address';
import type { Log } from '@menglian/types/receipt';

/**
 * What the interpreter asks of the world, and what it tells. The executor implements `EvmHost`; nothing here is
 * asynchronous. Words are bigints of 0 to 2^256 - 1; gas is a JS number (whoever sets the limit clamps it to
 * Number.MAX_SAFE_INTEGER, 9 * 10^15, where tx_gas_limit is larger).
 *
 * Who does what:
 * - the interpreter: opcodes, gas inside the code, stack, memory, static mode, the 63/64 rule, the depth limit, and the
 *   failure of inner calls and creations with value (no balances exist);
 * - the host: everything at the edge of a frame: snapshot before and roll back after a frame that failed, dispatch to
 *   built-ins and system contracts, frozen contracts, addresses without code, creation numbers and addresses, the code
 *   deposit with its size limit (also its odd rule on reverting constructors), the base gas, the cap of refunds.
 */

export type CallKind = 'call' | 'callcode' | 'delegatecall' | 'staticcall';

export interface CallMessage {
  readonly kind: CallKind;
  /** for the callee; what it leaves comes back in `gasLeft` */
  readonly gas: number;
  /** CALLER as the callee sees it */
  readonly sender: Address;
  /** ADDRESS as the callee sees it: the owner of the storage */
  readonly recipient: Address;
  /** whose code runs; differs from `recipient` for callcode and delegatecall */
  readonly codeAddress: Address;
  /** CALLVALUE as the callee sees it. Non-zero only from the transaction itself, or handed on by delegatecall */
  readonly value: bigint;
  /** the callee may keep it: a copy, never changed afterwards */
  readonly input: Uint8Array;
  /** 0 for the transaction, at most `CALL_DEPTH_LIMIT` */
  readonly depth: number;
  /** an enclosing STATICCALL forbids changes of state */
  readonly isStatic: boolean;
}

export interface CallOutcome {
  readonly success: boolean;
  /** 0 to `message.gas` */
  readonly gasLeft: number;
  readonly output: Uint8Array;
}

/** CREATE or CREATE2; the value of an inner creation is always 0, as others fail before they reach the host. */
export interface CreateMessage {
  readonly gas: number;
  readonly sender: Address;
  readonly initCode: Uint8Array;
  /** undefined: CREATE, the address comes from the sender's creation number */
  readonly salt: bigint | undefined;
  readonly depth: number;
}

export interface CreateOutcome {
  readonly success: boolean;
  readonly gasLeft: number;
  /** revert data of the constructor; empty otherwise */
  readonly output: Uint8Array;
  /** of the new contract; read on success only */
  readonly address: Address;
}

export interface EvmHost {
  /** 0 for a slot never written */
  storage(address: Address, slot: bigint): bigint;
  /**
   * Called for every SSTORE, also with the value already there: then nothing is written, but permission is checked.
   * @returns false when the origin may not write this contract: the frame ends with status 25
   */
  setStorage(address: Address, slot: bigint, value: bigint): boolean;
  /** EXTCODESIZE: 1 for system contracts and live table objects, 0 for built-ins and unknown addresses */
  codeSize(address: Address): number;
  /** empty where there is none */
  code(address: Address): Uint8Array;
  /** undefined for system contracts and unknown addresses: EXTCODEHASH then gives 0 */
  codeHash(address: Address): Uint8Array | undefined;
  /** asked only for the last 256 blocks before the current one; 0 when unknown */
  blockHash(number: bigint): bigint;
  emitLog(log: Log): void;
  /** marks the account; the host adds the refund of 24000 once per account and clears it when the transaction ends */
  selfDestruct(address: Address): void;
  /** for SSTORE non-zero → zero; rolls back with the frame */
  addRefund(gas: number): void;
  call(message: CallMessage): CallOutcome;
  create(message: CreateMessage): CreateOutcome;
}

/**
 * Gas that may be handed back within one transaction. A frame that runs out of gas gives ALL its gas back (2.x rule),
 * so a program that calls itself could burn its limit over and over. What such a frame had really burned is taken from
 * here; once the budget is below zero every frame ends with status 12, innermost first. The work of a transaction is thus
 * at most its gas limit (paid) + this budget + one frame, and the end is the same on every node.
 */
export interface ExecutionBudget {
  remaining: number;
}

/** The same for all frames of one transaction. */
export interface TransactionContext {
  readonly origin: Address;
  /** the transaction's field; 1 in an RPC call */
  readonly gasPrice: bigint;
  readonly blockNumber: number;
  readonly timestampMs: number;
  readonly budget: ExecutionBudget;
}

/**
 * How one frame of code ended. `gasLeft` already follows the 2.x table, for a transaction and for an inner call alike:
 *
 * | status | gasLeft |
 * | --- | --- |
 * | 0 success, 22 revert | what was left |
 * | 12 out of gas, 25 no write permission | ALL of `message.gas`: nothing is taken |
 * | 10 bad instruction, 11 bad jump, 13 and 14 stack, 1 static violation or read beyond the return data | 0 |
 *
 * The caller rolls state back unless status is 0.
 */
export interface ExecutionOutcome {
  readonly status: number;
  readonly gasLeft: number;
  /** RETURN or REVERT data; empty on every other ending */
  readonly output: Uint8Array;
}
