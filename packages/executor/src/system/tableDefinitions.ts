import type { Row } from '@menglian/ledger/stateRecords';
import type { TableDefinition } from '@menglian/precompiled/ports';
import {
  ACCESS_TABLE,
  CNS_TABLE,
  CONFIG_TABLE,
  CONSENSUS_TABLE,
  ROTATION_TABLE,
  TABLES_TABLE,
  VRF_KEYS_TABLE,
} from '@menglian/ledger/systemTables';
import type { StateOverlay } from '../state/overlay.js';

/**
 * Tables that exist without a row in `_sys_tables_`, as far as system contracts read or write them: docs/formats.md,
 * "System tables".
 */
const SYSTEM_TABLES: ReadonlyMap<string, TableDefinition> = new Map(
  [
    { name: TABLES_TABLE, keyField: 'table_name', valueFields: ['key_field', 'value_field'] },
    { name: CONSENSUS_TABLE, keyField: 'name', valueFields: ['type', 'node_id', 'enable_num'] },
    { name: ACCESS_TABLE, keyField: 'table_name', valueFields: ['address', 'enable_num'] },
    { name: CONFIG_TABLE, keyField: 'key', valueFields: ['value', 'enable_num'] },
    { name: CNS_TABLE, keyField: 'name', valueFields: ['version', 'address', 'abi'] },
    { name: ROTATION_TABLE, keyField: 'key', valueFields: ['epoch', 'randomness', 'enable_num'] },
    { name: VRF_KEYS_TABLE, keyField: 'node_id', valueFields: ['public_key', 'epoch', 'enable_num'] },
  ].map((table) => [table.name, table]),
);

/** A row never changes, so what was read from it holds as long as it exists. */
const definitions = new WeakMap<Row, TableDefinition>();

/** The definition of a system table, or of one that somebody created. */
export function definitionOf(overlay: StateOverlay, name: string): TableDefinition | undefined {
  const system = SYSTEM_TABLES.get(name);
  if (system !== undefined) return system;
  const [row] = overlay.rows(TABLES_TABLE, name);
  if (row === undefined) return undefined;
  let definition = definitions.get(row);
  if (definition === undefined) {
    definition = readDefinition(name, row);
    definitions.set(row, definition);
  }
  return definition;
}

/** The row that defines a table in `_sys_tables_`. */
export function rowOf(definition: TableDefinition): ReadonlyMap<string, string> {
  return new Map([
    ['table_name', definition.name],
    ['key_field', definition.keyField],
    ['value_field', definition.valueFields.join(',')],
  ]);
}

function readDefinition(name: string, row: Row): TableDefinition {
  const keyField = row.fields.get('key_field') ?? '';
  const valueFields = (row.fields.get('value_field') ?? '').split(',');
  return { name, keyField, valueFields };
}
