import type { Address } from '@menglian/types/address';
import {
  ADDRESS_INVALID,
  MEMBER_AS_OPERATOR,
  PERMISSION_CONTRACT_MISSING,
  PERMISSION_EXISTS,
  PERMISSION_MISSING,
  PERMISSION_TABLE_NAME_TOO_LONG,
  PERMISSION_THROUGH_GOVERNANCE,
} from './codes.js';
import { textOutput, word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import { isHexText, toLowerAscii } from './framework/text.js';
import { recordsLine } from './json/writeJson.js';
import { MAX_PERMISSION_TABLE_NAME_BYTES } from './limits.js';
import { NO_PERMISSION, type SystemHost } from './ports.js';
import {
  accessRows,
  accessRowsOf,
  addressText,
  grantAccess,
  isCommitteeMember,
  revokeAccess,
} from './tables/accessRows.js';
import { CHECKED, UNCHECKED } from './tables/rows.js';
import {
  ACCESS_TABLE,
  accountTableName,
  CNS_TABLE,
  CONFIG_TABLE,
  CONSENSUS_TABLE,
  TABLES_TABLE,
  userTableName,
} from './tables/systemTables.js';

const define = functionsOf<undefined>();

/** These names mean the system tables; every other name is a user table's. */
const SYSTEM_TABLES: ReadonlySet<string> = new Set([
  ACCESS_TABLE,
  CONSENSUS_TABLE,
  TABLES_TABLE,
  CNS_TABLE,
  CONFIG_TABLE,
]);

/** A member has rows for these, which only the committee's vote removes. */
const MEMBER_TABLES: ReadonlySet<string> = new Set([CONSENSUS_TABLE, CONFIG_TABLE]);
/** An operator has rows for these, and a member may not be an operator. */
const OPERATOR_TABLES: ReadonlySet<string> = new Set([TABLES_TABLE, CNS_TABLE]);

const MEMBER_ADDRESS = /^(?:0x)?([0-9a-f]{40})$/;

function fullNameOf(table: string): string {
  return SYSTEM_TABLES.has(table) ? table : userTableName(table);
}

function isMemberText(host: SystemHost, address: string): boolean {
  const digits = MEMBER_ADDRESS.exec(address)?.[1];
  return digits !== undefined && isCommitteeMember(host, digits);
}

/** The address is kept as text: any hexadecimal text passes. */
function insert(host: SystemHost, table: string, addressAsGiven: string): number {
  const address = toLowerAscii(addressAsGiven);
  const name = fullNameOf(table);
  if (name === ACCESS_TABLE) return PERMISSION_THROUGH_GOVERNANCE;
  if (OPERATOR_TABLES.has(name) && isMemberText(host, address)) return MEMBER_AS_OPERATOR;
  if (accessRowsOf(host, name, address).length > 0) return PERMISSION_EXISTS;
  if (name.length > MAX_PERMISSION_TABLE_NAME_BYTES) return PERMISSION_TABLE_NAME_TOO_LONG;
  if (!isHexText(address)) return ADDRESS_INVALID;
  return grantAccess(host, name, address, CHECKED);
}

function remove(host: SystemHost, table: string, addressAsGiven: string): number {
  const address = toLowerAscii(addressAsGiven);
  const name = fullNameOf(table);
  if (name === ACCESS_TABLE) return PERMISSION_THROUGH_GOVERNANCE;
  if (MEMBER_TABLES.has(name) && isMemberText(host, address)) return NO_PERMISSION;
  if (accessRowsOf(host, name, address).length === 0) return PERMISSION_MISSING;
  return revokeAccess(host, name, address, CHECKED);
}

function query(host: SystemHost, name: string): Uint8Array {
  const records = accessRows(host, name).map(({ fields }) => ({
    address: fields.get('address') ?? '',
    enable_num: fields.get('enable_num') ?? '',
    table_name: fields.get('table_name') ?? '',
  }));
  return textOutput(recordsLine(records));
}

/** After the first grant only the listed accounts may change the contract's storage, its deployer not among them. */
function grantWrite(host: SystemHost, contract: Address, user: Address): number {
  const name = accountTableName(contract);
  if (accessRowsOf(host, name, addressText(user)).length > 0) return PERMISSION_EXISTS;
  const account = host.account(contract);
  if (account === undefined) return PERMISSION_CONTRACT_MISSING;
  if (!account.managers.includes(host.origin)) return NO_PERMISSION;
  return grantAccess(host, name, addressText(user), UNCHECKED);
}

function revokeWrite(host: SystemHost, contract: Address, user: Address): number {
  const name = accountTableName(contract);
  if (accessRowsOf(host, name, addressText(user)).length === 0) return PERMISSION_MISSING;
  if (host.account(contract)?.managers.includes(host.origin) !== true) return NO_PERMISSION;
  return revokeAccess(host, name, addressText(user), UNCHECKED);
}

/** Who may write a table, or a contract's storage. Counts from the next block on. */
export const permission = new ContractKind<undefined>({
  name: 'Permission',
  countsInput: false,
  unknown: new Uint8Array(0),
  functions: [
    define('insert(string,string)', ({ host }, table, address) => word(insert(host, table, address))),
    define('remove(string,string)', ({ host }, table, address) => word(remove(host, table, address))),
    define('queryByName(string)', ({ host }, table) => query(host, fullNameOf(table))),
    define('grantWrite(address,address)', ({ host }, contract, user) => word(grantWrite(host, contract, user))),
    define('revokeWrite(address,address)', ({ host }, contract, user) => word(revokeWrite(host, contract, user))),
    define('queryPermission(address)', ({ host }, contract) => query(host, accountTableName(contract))),
  ],
});
