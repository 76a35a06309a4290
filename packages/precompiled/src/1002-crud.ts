import { readCondition, readEntry } from './1002-crudArguments.js';
import { KEY_FIELD_UPDATE, TABLE_MISSING, UNKNOWN_FUNCTION } from './codes.js';
import { encodeAbi } from '@menglian/codec/abi';
import { textOutput, word } from './framework/output.js';
import { ContractKind, functionsOf, type FunctionContext } from './framework/systemContract.js';
import { indentedRows } from './json/writeJson.js';
import type { TableDefinition } from './ports.js';
import { capacity, CHECKED, insertEntry, requireKeyLength, requireValueLengths, updateEntry } from './tables/rows.js';
import { TABLES_TABLE, userTableName } from './tables/systemTables.js';

const define = functionsOf<undefined>();

type Context = FunctionContext<undefined>;

function openTable({ host, gas }: Context, fullName: string): TableDefinition | undefined {
  gas.charge('openTable');
  return host.table(fullName);
}

function insert(context: Context, name: string, key: string, entryJson: string): number {
  requireKeyLength(key);
  const table = openTable(context, userTableName(name));
  if (table === undefined) return TABLE_MISSING;
  const entry = readEntry(entryJson);
  if (!entry.ok) return entry.reason;
  requireValueLengths(entry.value);
  const count = insertEntry(context.host, table, key, entry.value);
  if (count > 0) {
    context.gas.raiseMemory(capacity(entry.value) * count);
    context.gas.charge('insert', count);
  }
  return count;
}

function update(context: Context, name: string, key: string, entryJson: string, conditionJson: string): number {
  const { host, gas } = context;
  const table = openTable(context, userTableName(name));
  if (table === undefined) return TABLE_MISSING;
  const entry = readEntry(entryJson);
  if (!entry.ok) return entry.reason;
  if (entry.value.has(table.keyField)) return KEY_FIELD_UPDATE;
  requireValueLengths(entry.value);
  const condition = readCondition(conditionJson, gas);
  if (!condition.ok) return condition.reason;
  const ids = condition.value.filter(host.select(table.name, key)).map((row) => row.id);
  const count = updateEntry(host, table, key, ids, entry.value);
  if (count > 0) {
    gas.raiseMemory(capacity(entry.value) * count);
    gas.charge('update', count);
  }
  return count;
}

function remove(context: Context, name: string, key: string, conditionJson: string): number {
  const { host, gas } = context;
  const table = openTable(context, userTableName(name));
  if (table === undefined) return TABLE_MISSING;
  const condition = readCondition(conditionJson, gas);
  if (!condition.ok) return condition.reason;
  const ids = condition.value.filter(host.select(table.name, key)).map((row) => row.id);
  const count = host.remove(table.name, key, ids, CHECKED);
  if (count > 0) gas.charge('remove', count);
  return count;
}

/** Codes come as an int256 although the function's type is string; clients look at the length. */
function select(context: Context, name: string, key: string, conditionJson: string): Uint8Array {
  const table = openTable(context, name === TABLES_TABLE ? name : userTableName(name));
  if (table === undefined) return word(TABLE_MISSING);
  const condition = readCondition(conditionJson, context.gas);
  if (!condition.ok) return word(condition.reason);
  const rows = condition.value.filter(context.host.select(table.name, key));
  context.gas.charge('select', rows.length);
  return textOutput(indentedRows(rows.map((row) => row.fields)));
}

/** Key field and value fields; empty texts for a table that does not exist. */
function describe(context: Context, name: string): Uint8Array {
  const table = openTable(context, userTableName(name));
  if (table !== undefined) context.gas.charge('select');
  return encodeAbi(['string', 'string'], [table?.keyField ?? '', table?.valueFields.join(',') ?? '']);
}

/** User tables for clients, with entries and conditions as JSON. The last argument of each function is ignored. */
export const crud = new ContractKind<undefined>({
  name: 'CRUD',
  countsInput: true,
  unknown: word(UNKNOWN_FUNCTION),
  functions: [
    define('insert(string,string,string,string)', (context, table, key, entry) =>
      word(insert(context, table, key, entry)),
    ),
    define('update(string,string,string,string,string)', (context, table, key, entry, condition) =>
      word(update(context, table, key, entry, condition)),
    ),
    define('remove(string,string,string,string)', (context, table, key, condition) =>
      word(remove(context, table, key, condition)),
    ),
    define('select(string,string,string,string)', select),
    define('desc(string)', describe),
  ],
});
