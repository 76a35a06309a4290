/** Money of accounts in one chain, for the contracts that move it. Told in docs/hot-accounts.md, "Money". */
import { toHex } from '@menglian/base/bytes';
import { type Address, ZERO_ADDRESS } from '@menglian/types/address';
import { systemAddress } from './addresses.js';
import { ADDRESS_INVALID, BALANCE_SHORT, BALANCE_TOO_LARGE, MONEY_AMOUNT_ZERO } from './codes.js';
import type { TableDefinition } from './ports.js';
import {
  addOrStartSum,
  addToSum,
  checkSum,
  readRow,
  readSum,
  sumTable,
  type TableContext,
  writeRow,
} from './tables/ownRows.js';

export const BALANCES_ADDRESS = systemAddress(0x2005);

/** By address. */
const BALANCES = sumTable('_sys_balances_', 'account');
/** `issuer`, and `chain/<identity>` for each chain that money may come from. */
const MONEY_RULES: TableDefinition = { name: '_sys_money_rules_', keyField: 'name', valueFields: ['value'] };
const ISSUED = sumTable('_sys_money_issued_', 'name');
const TOTAL = 'total';
const ISSUER = 'issuer';
const ALLOWED = 'on';

/** @returns the code why the account cannot give this amount */
export function debitProblem(context: TableContext, account: Address, amount: bigint): number | undefined {
  if (amount === 0n) return MONEY_AMOUNT_ZERO;
  return checkSum(context, BALANCES, account, -amount) === 'fits' ? undefined : BALANCE_SHORT;
}

/** `debitProblem` had none. */
export function debit(context: TableContext, account: Address, amount: bigint): void {
  addToSum(context, BALANCES, account, -amount);
}

/** @returns the code why the account cannot get this amount */
export function creditProblem(context: TableContext, account: Address, amount: bigint): number | undefined {
  if (amount === 0n) return MONEY_AMOUNT_ZERO;
  if (account === ZERO_ADDRESS) return ADDRESS_INVALID;
  return checkSum(context, BALANCES, account, amount) === 'fits' ? undefined : BALANCE_TOO_LARGE;
}

/** `creditProblem` had none. */
export function credit(context: TableContext, account: Address, amount: bigint): void {
  addOrStartSum(context, BALANCES, account, amount);
}

export function balanceOf(context: TableContext, account: Address): bigint {
  return readSum(context, BALANCES, account);
}

/** All that was ever issued here, wherever it is now. */
export function issuedTotal(context: TableContext): bigint {
  return readSum(context, ISSUED, TOTAL);
}

export function issuedProblem(context: TableContext, amount: bigint): number | undefined {
  return checkSum(context, ISSUED, TOTAL, amount) === 'fits' ? undefined : BALANCE_TOO_LARGE;
}

export function addIssued(context: TableContext, amount: bigint): void {
  addOrStartSum(context, ISSUED, TOTAL, amount);
}

/** The zero address where nobody may issue. */
export function issuerOf(context: TableContext): Address {
  return readRow(context, MONEY_RULES, ISSUER)?.get('value') ?? ZERO_ADDRESS;
}

export function setIssuerOf(context: TableContext, issuer: Address): void {
  writeRow(context, MONEY_RULES, ISSUER, new Map([['value', issuer]]));
}

/** Whether the committee lets money come from this chain. A chain that lies about what it sends makes money out of nothing. */
export function isAllowedChain(context: TableContext, chain: Uint8Array): boolean {
  return readRow(context, MONEY_RULES, ruleOfChain(chain))?.get('value') === ALLOWED;
}

export function setAllowedChain(context: TableContext, chain: Uint8Array, isAllowed: boolean): void {
  writeRow(context, MONEY_RULES, ruleOfChain(chain), new Map([['value', isAllowed ? ALLOWED : 'off']]));
}

function ruleOfChain(chain: Uint8Array): string {
  return `chain/${toHex(chain)}`;
}
