import type { Address } from '@menglian/types/address';
import type { Row, SystemHost, WriteOptions } from '../ports.js';
import { ACCESS_TABLE } from './systemTables.js';

/** Rows of `_sys_table_access_`: one for each address that may write a table. Addresses are 0x and 40 digits. */

export function addressText(address: Address): string {
  return `0x${address}`;
}

export function accessRows(host: SystemHost, table: string): readonly Row[] {
  return host.select(ACCESS_TABLE, table);
}

/** @param address text as it is stored */
export function accessRowsOf(host: SystemHost, table: string, address: string): readonly Row[] {
  return accessRows(host, table).filter((row) => row.fields.get('address') === address);
}

/** Counts from the next block on. @returns 1 or NO_PERMISSION */
export function grantAccess(host: SystemHost, table: string, address: string, options: WriteOptions): number {
  const fields = new Map([
    ['table_name', table],
    ['address', address],
    ['enable_num', String(host.blockNumber)],
  ]);
  return host.insert(ACCESS_TABLE, table, fields, options);
}

/** @returns number of rows or NO_PERMISSION */
export function revokeAccess(host: SystemHost, table: string, address: string, options: WriteOptions): number {
  const ids = accessRowsOf(host, table, address).map((row) => row.id);
  return host.remove(ACCESS_TABLE, table, ids, options);
}

/** Whether the address is in the committee now, this block's changes included. */
export function isCommitteeMember(host: SystemHost, address: Address): boolean {
  return accessRowsOf(host, ACCESS_TABLE, addressText(address)).length > 0;
}
