/** What owners of hot accounts do with them. Every code below 0 leaves nothing. */
import { toHex } from '@menglian/base/bytes';
import { type ClearingMessage, encodeClearingMessage } from '@menglian/interchain/clearingRecordMessages';
import { type Address, ZERO_ADDRESS } from '@menglian/types/address';
import { sendMessage } from './2002-outbox.js';
import { credit, creditProblem, isAllowedChain } from './2005-money.js';
import {
  addHotAccount,
  HOT_SUMS,
  hotSumKey,
  NEW_SHADOW,
  readHotAccount,
  readHotShadow,
  writeHotAccount,
  writeHotShadow,
} from './2007-hotTables.js';
import { HOT_ACCOUNTS_ADDRESS, isAccountName, nameHash, SHADOW_ACCOUNTS_ADDRESS } from './2007-names.js';
import {
  ACCOUNT_NAME_INVALID,
  ADDRESS_INVALID,
  HOT_ACCOUNT_EXISTS,
  HOT_ACCOUNT_MISSING,
  HOT_BALANCE_SHORT,
  HOT_OWNER_ONLY,
  MONEY_AMOUNT_ZERO,
  MONEY_CHAIN_NOT_ALLOWED,
  SHADOW_ATTACHED,
  SHADOW_NOT_OPEN,
} from './codes.js';
import { emitEvent } from './framework/event.js';
import { addressWord, word } from './framework/output.js';
import type { FunctionContext } from './framework/systemContract.js';
import { addToSum, checkSum } from './tables/ownRows.js';

type Context = FunctionContext<undefined>;

const DONE = 1;

const ACCOUNT_CREATED = 'AccountCreated(bytes32,address,string)';
const ATTACHED = 'Attached(bytes32,bytes32)';
const GRANTED = 'Granted(bytes32,bytes32,uint256,uint256)';
const WITHDRAWN = 'Withdrawn(bytes32,address,uint256)';

/** A free name belongs to whoever is named first. */
export function create(context: Context, account: string, owner: Address): number {
  const { host } = context;
  if (!isAccountName(account)) return ACCOUNT_NAME_INVALID;
  if (owner === ZERO_ADDRESS) return ADDRESS_INVALID;
  if (readHotAccount(context, account) !== undefined) return HOT_ACCOUNT_EXISTS;
  addHotAccount(context, account, owner);
  const topics = [nameHash(host, account), addressWord(owner)];
  emitEvent(host, HOT_ACCOUNTS_ADDRESS, ACCOUNT_CREATED, topics, [account]);
  return DONE;
}

/**
 * Asks the chain to open a shadow account. It is there when the chain has answered. A message goes to known chains only, so an account
 * has no more shadows than there are clients of other chains.
 */
export function attach(context: Context, account: string, chain: Uint8Array): number {
  const { host, sender } = context;
  const found = readHotAccount(context, account);
  if (found === undefined) return HOT_ACCOUNT_MISSING;
  if (found.owner !== sender) return HOT_OWNER_ONLY;
  if (!isAllowedChain(context, chain)) return MONEY_CHAIN_NOT_ALLOWED;
  if (readHotShadow(context, account, chain) !== undefined) return SHADOW_ATTACHED;
  const sequence = tell(context, chain, { kind: 'open', account, owner: found.owner });
  if (sequence < 0) return sequence;
  writeHotAccount(context, account, { ...found, chains: [...found.chains, toHex(chain)] });
  writeHotShadow(context, account, chain, NEW_SHADOW);
  emitEvent(host, HOT_ACCOUNTS_ADDRESS, ATTACHED, [nameHash(host, account), chain], []);
  return DONE;
}

/** The amount leaves the account here and can be paid out there, once the message has arrived. */
export function grant(context: Context, account: string, chain: Uint8Array, amount: bigint): number {
  const { host } = context;
  const problem = spendProblem(context, account, amount);
  if (problem !== undefined) return problem;
  if (!isAllowedChain(context, chain)) return MONEY_CHAIN_NOT_ALLOWED;
  const shadow = readHotShadow(context, account, chain);
  if (shadow?.state !== 'open') return SHADOW_NOT_OPEN;
  const number = shadow.grants + 1n;
  const sequence = tell(context, chain, { kind: 'grant', account, number, amount });
  if (sequence < 0) return sequence;
  addToSum(context, HOT_SUMS, hotSumKey('balance', account), -amount);
  addToSum(context, HOT_SUMS, hotSumKey('granted', account), amount);
  writeHotShadow(context, account, chain, { ...shadow, granted: shadow.granted + amount, grants: number });
  const topics = [nameHash(host, account), chain, word(number)];
  emitEvent(host, HOT_ACCOUNTS_ADDRESS, GRANTED, topics, [amount]);
  return DONE;
}

/** To an account of the hot chain. */
export function withdraw(context: Context, account: string, to: Address, amount: bigint): number {
  const { host } = context;
  const problem = spendProblem(context, account, amount) ?? creditProblem(context, to, amount);
  if (problem !== undefined) return problem;
  addToSum(context, HOT_SUMS, hotSumKey('balance', account), -amount);
  credit(context, to, amount);
  const topics = [nameHash(host, account), addressWord(to)];
  emitEvent(host, HOT_ACCOUNTS_ADDRESS, WITHDRAWN, topics, [amount]);
  return DONE;
}

function spendProblem(context: Context, account: string, amount: bigint): number | undefined {
  const found = readHotAccount(context, account);
  if (found === undefined) return HOT_ACCOUNT_MISSING;
  if (found.owner !== context.sender) return HOT_OWNER_ONLY;
  if (amount === 0n) return MONEY_AMOUNT_ZERO;
  const outcome = checkSum(context, HOT_SUMS, hotSumKey('balance', account), -amount);
  return outcome === 'fits' ? undefined : HOT_BALANCE_SHORT;
}

/** @returns the number of the message, or the code why it cannot be sent, with nothing written */
function tell(context: Context, chain: Uint8Array, message: ClearingMessage): number {
  return sendMessage(context, chain, HOT_ACCOUNTS_ADDRESS, SHADOW_ACCOUNTS_ADDRESS, encodeClearingMessage(message));
}
