/**
 * Balances as a participant of cross transactions (0x2004): money is held back while two chains agree, then it leaves, arrives or
 * goes back. Told in docs/hot-accounts.md, "Money between accounts of two chains".
 */
import { fromHex, toHex } from '@menglian/base/bytes';
import { decodeAbi, encodeAbi } from '@menglian/codec/abi';
import type { Address } from '@menglian/types/address';
import { BALANCES_ADDRESS, credit, creditProblem, debit, debitProblem, isAllowedChain } from './2005-money.js';
import { systemAddress } from './addresses.js';
import { emitEvent } from './framework/event.js';
import { addressWord } from './framework/output.js';
import type { FunctionContext } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import type { TableDefinition } from './ports.js';
import { readRow, removeRow, writeRow } from './tables/ownRows.js';

type Context = FunctionContext<undefined>;

const CROSS_TRANSACTIONS_ADDRESS = systemAddress(0x2004);
const DONE = 1;

/** Of the transfer: to whom on the other chain, and how much. */
const TRANSFER = ['address', 'uint256'] as const;

/** By id of the cross transaction. `direction` is `out` or `in`; `account` gives or gets. */
const HELD: TableDefinition = {
  name: '_sys_money_held_',
  keyField: 'id',
  valueFields: ['direction', 'chain', 'account', 'amount'],
};

const LOCKED = 'Locked(bytes32,bytes32,address,uint256)';
const DEPARTED = 'Departed(bytes32,bytes32,address,uint256)';
const ARRIVED = 'Arrived(bytes32,bytes32,address,uint256)';
const RETURNED = 'Returned(bytes32,bytes32,address,uint256)';

interface Held {
  readonly direction: 'out' | 'in';
  readonly chain: Uint8Array;
  readonly account: Address;
  readonly amount: bigint;
}

export interface OutgoingTransfer {
  readonly id: Uint8Array;
  readonly chain: Uint8Array;
  readonly remote: Address;
  readonly initiator: Address;
  readonly data: Uint8Array;
}

export interface IncomingTransfer {
  readonly id: Uint8Array;
  readonly chain: Uint8Array;
  readonly peer: Address;
  readonly forRemote: Uint8Array;
}

/** Takes the amount from the initiator. @returns what the other chain needs to know: the same data */
export function prepareOut(context: Context, { id, chain, remote, initiator, data }: OutgoingTransfer): Uint8Array {
  requireCoordinator(context);
  const transfer = readTransfer(data);
  if (transfer === undefined) throw new SystemError('data is not an address and an amount');
  if (remote !== BALANCES_ADDRESS) throw new SystemError('money goes only to the Balances contract of another chain');
  if (!isAllowedChain(context, chain)) throw new SystemError('the committee does not allow money of this chain');
  if (isHeld(context, id)) throw new SystemError('money is held for this transaction already');
  if (transfer.amount === 0n) throw new SystemError('the amount is zero');
  if (debitProblem(context, initiator, transfer.amount) !== undefined)
    throw new SystemError('the balance is too small');
  debit(context, initiator, transfer.amount);
  const held: Held = { direction: 'out', chain, account: initiator, amount: transfer.amount };
  hold(context, id, held);
  announce(context, LOCKED, id, held);
  return encodeTransfer(transfer);
}

/** Notes what shall be paid out. @returns whether it can be, and so whether the other chain may take the money there */
export function prepareIn(context: Context, { id, chain, peer, forRemote }: IncomingTransfer): boolean {
  requireCoordinator(context);
  const transfer = readTransfer(forRemote);
  if (transfer === undefined || peer !== BALANCES_ADDRESS) return false;
  if (!isAllowedChain(context, chain) || isHeld(context, id)) return false;
  if (creditProblem(context, transfer.to, transfer.amount) !== undefined) return false;
  hold(context, id, { direction: 'in', chain, account: transfer.to, amount: transfer.amount });
  return true;
}

/** The money leaves this chain, or arrives. Fails while the account has no room for it; nothing is lost by trying again. */
export function confirmHeld(context: Context, id: Uint8Array): number {
  requireCoordinator(context);
  const held = requireHeld(context, id);
  if (held.direction === 'in') pay(context, held);
  removeRow(context, HELD, toHex(id));
  announce(context, held.direction === 'in' ? ARRIVED : DEPARTED, id, held);
  return DONE;
}

/** The initiator has its money back; of what was to arrive nothing is left. */
export function cancelHeld(context: Context, id: Uint8Array): number {
  requireCoordinator(context);
  const held = requireHeld(context, id);
  if (held.direction === 'out') pay(context, held);
  removeRow(context, HELD, toHex(id));
  if (held.direction === 'out') announce(context, RETURNED, id, held);
  return DONE;
}

function requireCoordinator({ sender }: Context): void {
  if (sender !== CROSS_TRANSACTIONS_ADDRESS) throw new SystemError('only CrossTransactions may call this');
}

function readTransfer(data: Uint8Array): { readonly to: Address; readonly amount: bigint } | undefined {
  const decoded = decodeAbi(TRANSFER, data);
  if (!decoded.ok) return undefined;
  const [to, amount] = decoded.value as [Address, bigint];
  return { to, amount };
}

function encodeTransfer({ to, amount }: { readonly to: Address; readonly amount: bigint }): Uint8Array {
  return encodeAbi(TRANSFER, [to, amount]);
}

function isHeld(context: Context, id: Uint8Array): boolean {
  return readRow(context, HELD, toHex(id)) !== undefined;
}

function hold(context: Context, id: Uint8Array, { direction, chain, account, amount }: Held): void {
  const fields = new Map([
    ['direction', direction],
    ['chain', toHex(chain)],
    ['account', account],
    ['amount', amount.toString()],
  ]);
  writeRow(context, HELD, toHex(id), fields);
}

function requireHeld(context: Context, id: Uint8Array): Held {
  const fields = readRow(context, HELD, toHex(id));
  if (fields === undefined) throw new SystemError('no money is held for this transaction');
  const field = (key: string): string => fields.get(key) ?? '';
  return {
    direction: field('direction') === 'out' ? 'out' : 'in',
    chain: fromHex(field('chain')),
    account: field('account'),
    amount: BigInt(field('amount')),
  };
}

function pay(context: Context, { account, amount }: Held): void {
  if (creditProblem(context, account, amount) !== undefined) throw new SystemError('the balance has no room for it');
  credit(context, account, amount);
}

function announce({ host }: Context, event: string, id: Uint8Array, { chain, account, amount }: Held): void {
  emitEvent(host, BALANCES_ADDRESS, event, [id, chain, addressWord(account)], [amount]);
}
