import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from '../limits.js';
import { NO_PERMISSION, type SystemHost, type TableDefinition } from '../ports.js';
import { parameterError, SystemError } from '../framework/systemError.js';
import { accountTableName } from './systemTables.js';
import type { Address } from '@menglian/types/address';

export const CHECKED = { checkAuthority: true } as const;
export const UNCHECKED = { checkAuthority: false } as const;

export type Fields = ReadonlyMap<string, string>;

/** Bytes that gas counts for an entry: the names and the values of its fields. */
export function capacity(fields: Fields): number {
  let bytes = 0;
  for (const [name, value] of fields) bytes += name.length + value.length;
  return bytes;
}

export function capacityOf(rows: readonly { readonly fields: Fields }[]): number {
  return rows.reduce((bytes, row) => bytes + capacity(row.fields), 0);
}

/** Names that begin or end with `_` are hidden fields of 2.x: conditions ignore them. So is the empty name. */
export function isHiddenField(name: string): boolean {
  return name === '' || name.startsWith('_') || name.endsWith('_');
}

export function requireKeyLength(key: string): void {
  requireLength(key, MAX_KEY_BYTES);
}

export function requireValueLengths(fields: Fields): void {
  for (const value of fields.values()) requireLength(value, MAX_VALUE_BYTES);
}

/** The message has no blank before the number: receipts of 2.x hold it like this. */
export function requireLength(text: string, limit: number): void {
  if (text.length > limit) throw new SystemError(`size of value/key greater than${limit}`);
}

function requireKnownFields(table: TableDefinition, fields: Fields): void {
  for (const name of fields.keys()) {
    if (name !== table.keyField && !table.valueFields.includes(name)) throw parameterError();
  }
}

/** Inserts an entry of a user table; `fields` gets the key field. @returns 1 or NO_PERMISSION */
export function insertEntry(
  host: SystemHost,
  table: TableDefinition,
  key: string,
  fields: Map<string, string>,
): number {
  if (!host.isAuthorized(table.name)) return NO_PERMISSION;
  requireKnownFields(table, fields);
  fields.set(table.keyField, key);
  return host.insert(table.name, key, new Map(fields), CHECKED);
}

/** Sets an entry's fields, except the key field, in rows of a user table. @returns number of rows or NO_PERMISSION */
export function updateEntry(
  host: SystemHost,
  table: TableDefinition,
  key: string,
  ids: readonly number[],
  fields: Fields,
): number {
  if (!host.isAuthorized(table.name)) return NO_PERMISSION;
  requireKnownFields(table, fields);
  const changes = new Map([...fields].filter(([name]) => name !== table.keyField));
  return host.update(table.name, key, ids, changes, CHECKED);
}

/**
 * A contract may write tables only for an origin that may write the contract itself. For a direct call the contract is
 * the sender's own account, which nobody restricts.
 */
export function requireCallingContract(host: SystemHost, sender: Address): void {
  if (!host.isAuthorized(accountTableName(sender))) {
    throw new SystemError(`Permission denied. ${host.origin} can't call contract ${sender}`);
  }
}
