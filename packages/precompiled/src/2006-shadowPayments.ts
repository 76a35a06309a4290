import type { Address } from '@menglian/types/address';
import { credit, creditProblem, debit, debitProblem } from './2005-money.js';
import { readShadow, SHADOW_SUMS, type ShadowSum, sumKey } from './2006-shadowTables.js';
import { EPOCH_SUM_TOO_LARGE, QUOTA_SHORT, SHADOW_MISSING, SHADOW_OWNER_ONLY } from './codes.js';
import { emitEvent } from './framework/event.js';
import { addressWord, word } from './framework/output.js';
import type { FunctionContext } from './framework/systemContract.js';
import { nameHash, SHADOW_ACCOUNTS_ADDRESS } from './2007-names.js';
import { addToSum, checkSum } from './tables/ownRows.js';

type Context = FunctionContext<undefined>;

const DONE = 1;

const PAID = 'Paid(bytes32,address,uint256,uint256,bytes32)';
const PAID_OUT = 'PaidOut(bytes32,address,uint256,uint256,bytes32)';

/** @param reference what the payer wants to find in the event; nothing reads it here */
export interface Payment {
  readonly account: string;
  readonly amount: bigint;
  readonly reference: Uint8Array;
}

/** From the caller's balance into the open epoch. Payments of different payers to one account wait for nothing of one another. */
export function pay(context: Context, { account, amount, reference }: Payment): number {
  const { sender } = context;
  const shadow = readShadow(context, account);
  if (shadow === undefined) return SHADOW_MISSING;
  const problem = debitProblem(context, sender, amount) ?? epochProblem(context, 'in', account, amount);
  if (problem !== undefined) return problem;
  debit(context, sender, amount);
  count(context, 'in', account, amount);
  announce(context, PAID, account, sender, shadow.openEpoch, amount, reference);
  return DONE;
}

/** From what the hot account granted to an account of this chain, for the owner. */
export function payOut(context: Context, to: Address, { account, amount, reference }: Payment): number {
  const shadow = readShadow(context, account);
  if (shadow === undefined) return SHADOW_MISSING;
  if (context.sender !== shadow.owner) return SHADOW_OWNER_ONLY;
  const quota = sumKey('quota', account);
  const problem = creditProblem(context, to, amount) ?? epochProblem(context, 'out', account, amount);
  if (problem !== undefined) return problem;
  if (checkSum(context, SHADOW_SUMS, quota, -amount) !== 'fits') return QUOTA_SHORT;
  addToSum(context, SHADOW_SUMS, quota, -amount);
  credit(context, to, amount);
  count(context, 'out', account, amount);
  announce(context, PAID_OUT, account, to, shadow.openEpoch, amount, reference);
  return DONE;
}

function epochProblem(context: Context, sum: ShadowSum, account: string, amount: bigint): number | undefined {
  const fits =
    checkSum(context, SHADOW_SUMS, sumKey(sum, account), amount) === 'fits' &&
    checkSum(context, SHADOW_SUMS, sumKey('count', account), 1n) === 'fits';
  return fits ? undefined : EPOCH_SUM_TOO_LARGE;
}

function count(context: Context, sum: ShadowSum, account: string, amount: bigint): void {
  addToSum(context, SHADOW_SUMS, sumKey(sum, account), amount);
  addToSum(context, SHADOW_SUMS, sumKey('count', account), 1n);
}

function announce(
  { host }: Context,
  event: string,
  account: string,
  who: Address,
  epoch: bigint,
  amount: bigint,
  reference: Uint8Array,
): void {
  const topics = [nameHash(host, account), addressWord(who), word(epoch)];
  emitEvent(host, SHADOW_ACCOUNTS_ADDRESS, event, topics, [amount, reference]);
}
