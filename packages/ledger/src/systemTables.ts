import { decodeRows, type Row, rowsKey } from './stateRecords.js';
import type { StateView } from './stateView.js';

/** Names of the tables that every group has from block 0 (docs/formats.md, "System tables"). */
export const TABLES_TABLE = '_sys_tables_';
export const CONSENSUS_TABLE = '_sys_consensus_';
export const CONFIG_TABLE = '_sys_config_';
export const ACCESS_TABLE = '_sys_table_access_';
export const CNS_TABLE = '_sys_cns_';

/** All rows of `_sys_consensus_` have this key. */
export const CONSENSUS_KEY = 'node';

/** Committed rows of one table and key in the order of their insertion. */
export function readRows(view: StateView, table: string, key: string): Row[] {
  const bytes = view.get(rowsKey(table, key));
  return bytes === undefined ? [] : decodeRows(bytes);
}
