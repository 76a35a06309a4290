import { decodeRows, type Row, rowsKey } from './stateRecords.js';
import type { StateView } from './stateView.js';

export interface TableDefinition {
  /** Full name with its prefix: `u_accounts`, `_sys_config_`. */
  readonly name: string;
  readonly keyField: string;
  readonly valueFields: readonly string[];
}

export const TABLES_TABLE = '_sys_tables_';
export const CONSENSUS_TABLE = '_sys_consensus_';
export const CONFIG_TABLE = '_sys_config_';
export const ACCESS_TABLE = '_sys_table_access_';
export const CNS_TABLE = '_sys_cns_';

/** All rows of `_sys_consensus_` have this key. */
export const CONSENSUS_KEY = 'node';

/** Tables that every group has from block 0 and that have no row in `_sys_tables_` (docs/formats.md, "System tables"). */
const SYSTEM_TABLES: ReadonlyMap<string, TableDefinition> = new Map(
  [
    { name: TABLES_TABLE, keyField: 'table_name', valueFields: ['key_field', 'value_field'] },
    { name: CONSENSUS_TABLE, keyField: 'name', valueFields: ['type', 'node_id', 'enable_num'] },
    { name: CONFIG_TABLE, keyField: 'key', valueFields: ['value', 'enable_num'] },
    { name: ACCESS_TABLE, keyField: 'table_name', valueFields: ['address', 'enable_num'] },
    { name: CNS_TABLE, keyField: 'name', valueFields: ['version', 'address', 'abi'] },
  ].map((table) => [table.name, table]),
);

/** The table of this full name; undefined when there is none. */
export function readTable(view: StateView, name: string): TableDefinition | undefined {
  const system = SYSTEM_TABLES.get(name);
  if (system !== undefined) return system;
  const row = readRows(view, TABLES_TABLE, name)[0];
  if (row === undefined) return undefined;
  const valueFields = row.fields.get('value_field') ?? '';
  return {
    name,
    keyField: row.fields.get('key_field') ?? '',
    valueFields: valueFields === '' ? [] : valueFields.split(','),
  };
}

/** Committed rows of one table and key in the order of their insertion. */
export function readRows(view: StateView, table: string, key: string): Row[] {
  const bytes = view.get(rowsKey(table, key));
  return bytes === undefined ? [] : decodeRows(bytes);
}
