import type { Address } from '@menglian/types/address';
import {
  ACCOUNT_AVAILABLE,
  ACCOUNT_FROZEN,
  ACCOUNT_IS_CONTRACT,
  ACCOUNT_MISSING,
  CALLER_NOT_MEMBER,
  MEMBER_AS_OPERATOR,
  OPERATOR_EXISTS,
  OPERATOR_MISSING,
} from './codes.js';
import { SystemError } from './framework/systemError.js';
import type { JsonRecord } from './json/writeJson.js';
import { NO_PERMISSION, type SystemHost } from './ports.js';
import {
  accessRows,
  accessRowsOf,
  addressText,
  grantAccess,
  isCommitteeMember,
  revokeAccess,
} from './tables/accessRows.js';
import { CHECKED } from './tables/rows.js';
import { CNS_TABLE, TABLES_TABLE } from './tables/systemTables.js';

const DONE = 1;

/** An operator may deploy, create tables and register names: it has rows for both of these. */
const OPERATOR_TABLES = [TABLES_TABLE, CNS_TABLE] as const;

function hasAccess(host: SystemHost, table: string, account: string): boolean {
  return accessRowsOf(host, table, account).length > 0;
}

/** A refusal is an exception here: the caller is a member, though not yet in the list of the parent block. */
function requireWritten(host: SystemHost, count: number, action: string, account: string): number {
  if (count === NO_PERMISSION) {
    throw new SystemError(`Permission denied. ${host.origin} can't ${action} operator ${account}`);
  }
  return count;
}

export function grantOperator(host: SystemHost, user: Address): number {
  const account = addressText(user);
  if (!isCommitteeMember(host, host.origin)) return CALLER_NOT_MEMBER;
  if (isCommitteeMember(host, user)) return MEMBER_AS_OPERATOR;
  const missing = OPERATOR_TABLES.filter((table) => !hasAccess(host, table, account));
  if (missing.length === 0) return OPERATOR_EXISTS;
  for (const table of missing) {
    requireWritten(host, grantAccess(host, table, account, CHECKED), 'grantOperator', account);
  }
  return DONE;
}

export function revokeOperator(host: SystemHost, user: Address): number {
  const account = addressText(user);
  if (!isCommitteeMember(host, host.origin)) return CALLER_NOT_MEMBER;
  if (!hasAccess(host, TABLES_TABLE, account)) return OPERATOR_MISSING;
  const [rows = 0] = OPERATOR_TABLES.map((table) =>
    requireWritten(host, revokeAccess(host, table, account, CHECKED), 'revokeOperator', account),
  );
  return rows;
}

/** Accounts with both rows. */
export function operatorRecords(host: SystemHost): readonly JsonRecord[] {
  const registrars = new Set(accessRows(host, CNS_TABLE).map(({ fields }) => fields.get('address')));
  return accessRows(host, TABLES_TABLE)
    .map(({ fields }) => ({ address: fields.get('address') ?? '', enable_num: fields.get('enable_num') ?? '' }))
    .filter(({ address }) => registrars.has(address));
}

/** Only accounts that deployed something have a record and can be frozen. */
export function setAccountFrozen(host: SystemHost, address: Address, frozen: boolean): number {
  const account = host.account(address);
  if (account === undefined) return ACCOUNT_MISSING;
  if (account.hasCode) return ACCOUNT_IS_CONTRACT;
  if (!isCommitteeMember(host, host.origin)) return NO_PERMISSION;
  if (frozen && isCommitteeMember(host, address)) return NO_PERMISSION;
  if (account.frozen === frozen) return frozen ? ACCOUNT_FROZEN : ACCOUNT_AVAILABLE;
  host.setFrozen(address, frozen);
  return DONE;
}

/** Texts of 2.x, word for word. */
export function accountStatusText(host: SystemHost, address: Address): string {
  const account = host.account(address);
  if (account === undefined) return 'The address is nonexistent.';
  if (account.hasCode) return 'This is not a account address.';
  return account.frozen
    ? 'The account has been frozen. You can use this account after unfreezing it.'
    : 'The account is available.';
}
