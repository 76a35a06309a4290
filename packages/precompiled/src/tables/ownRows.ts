/**
 * Rows of tables that only one system contract writes, one for each key. A table is made by the first row, and listed in
 * `_sys_tables_` from then on. Reading and writing costs what it costs in 2.x.
 */
import { invariant } from '@menglian/base/invariant';
import type { FunctionContext } from '../framework/systemContract.js';
import type { TableDefinition } from '../ports.js';
import { type Fields, UNCHECKED } from './rows.js';

/** The part of a call's context that tables need. */
export type TableContext = Pick<FunctionContext<unknown>, 'host' | 'gas'>;

export function readRow({ host, gas }: TableContext, table: TableDefinition, key: string): Fields | undefined {
  gas.charge('select');
  return host.select(table.name, key)[0]?.fields;
}

/** Makes the row, or changes these fields of it. */
export function writeRow({ host, gas }: TableContext, table: TableDefinition, key: string, changes: Fields): void {
  const [row] = host.select(table.name, key);
  if (row !== undefined) {
    host.update(table.name, key, [row.id], changes, UNCHECKED);
    gas.charge('update');
    return;
  }
  host.createTable(table, UNCHECKED);
  host.insert(table.name, key, new Map([[table.keyField, key], ...changes]), UNCHECKED);
  gas.charge('insert');
}

export function removeRow({ host, gas }: TableContext, table: TableDefinition, key: string): void {
  const ids = host.select(table.name, key).map((row) => row.id);
  host.remove(table.name, key, ids, UNCHECKED);
  gas.charge('remove');
}

const AMOUNT = 'amount';

/** A table of sums: many transactions of a block can add to one of them without waiting for one another. */
export function sumTable(name: string, keyField: string): TableDefinition {
  return { name, keyField, valueFields: [AMOUNT] };
}

/** Whether the sum stays within 0 and 2^256 - 1. One that nobody added to is 0. @param amount negative to take */
export function checkSum(
  { host, gas }: TableContext,
  table: TableDefinition,
  key: string,
  amount: bigint,
): 'fits' | 'negative' | 'overflow' {
  gas.charge('select');
  const outcome = host.canAdd(table.name, key, AMOUNT, amount);
  invariant(outcome !== 'malformed', 'precompiled/own-sum', table.name);
  if (outcome === 'missing') return amount < 0n ? 'negative' : 'fits';
  return outcome;
}

/** To a sum that stands already. `checkSum` was asked and said that it fits: without that, others would wait for this one. */
export function addToSum({ host, gas }: TableContext, table: TableDefinition, key: string, amount: bigint): void {
  host.add(table.name, key, AMOUNT, amount, UNCHECKED);
  gas.charge('update');
}

/** As `addToSum`, also to one that nobody added to yet. */
export function addOrStartSum(context: TableContext, table: TableDefinition, key: string, amount: bigint): void {
  if (context.host.canAdd(table.name, key, AMOUNT, amount) === 'missing') setSum(context, table, key, amount);
  else addToSum(context, table, key, amount);
}

/** The exact number: who asks for it waits for all that add to it. */
export function readSum(context: TableContext, table: TableDefinition, key: string): bigint {
  return BigInt(readRow(context, table, key)?.get(AMOUNT) ?? '0');
}

export function setSum(context: TableContext, table: TableDefinition, key: string, amount: bigint): void {
  writeRow(context, table, key, new Map([[AMOUNT, amount.toString()]]));
}
