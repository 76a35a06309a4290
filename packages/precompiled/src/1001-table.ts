import type { Address } from '@menglian/types/address';
import { conditionKind } from './1001-condition.js';
import { entriesKind } from './1001-entries.js';
import { type EntryFields, entryKind } from './1001-entry.js';
import { addressWord, word } from './framework/output.js';
import { ContractKind, functionsOf, type FunctionContext } from './framework/systemContract.js';
import { parameterError } from './framework/systemError.js';
import type { Row, SystemHost, TableDefinition } from './ports.js';
import { Condition } from './tables/condition.js';
import {
  capacity,
  capacityOf,
  CHECKED,
  insertEntry,
  requireCallingContract,
  requireKeyLength,
  requireValueLengths,
  updateEntry,
} from './tables/rows.js';

const define = functionsOf<TableDefinition>();

type Context = FunctionContext<TableDefinition>;

/** @throws SystemError for an address that is no Entry, the zero address included */
export function entryAt(host: SystemHost, address: Address): EntryFields {
  const fields = entryKind.stateOf(host.objectAt(address));
  if (fields === undefined) throw parameterError();
  return fields;
}

/** Also adds the key to the condition object itself, where a later use of it finds it. */
function matchingRows({ host, state }: Context, key: string, conditionAddress: Address): readonly Row[] {
  const condition = conditionKind.stateOf(host.objectAt(conditionAddress));
  if (condition === undefined) throw parameterError();
  condition.compare(state.keyField, 'EQ', key);
  return condition.filter(host.select(state.name, key));
}

/** What TableFactory.openTable answers. */
export const tableKind = new ContractKind<TableDefinition>({
  name: 'Table',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('select(string,address)', (context, key, condition) => {
      const { host, gas } = context;
      const rows = matchingRows(context, key, condition);
      gas.raiseMemory(capacityOf(rows));
      gas.charge('select', rows.length);
      return addressWord(host.addObject(entriesKind.create(rows.map((row) => new Map(row.fields)))));
    }),

    define('insert(string,address)', ({ host, sender, gas, state }, key, entryAddress) => {
      requireCallingContract(host, sender);
      const fields = entryAt(host, entryAddress);
      requireKeyLength(key);
      requireValueLengths(fields);
      const count = insertEntry(host, state, key, fields);
      if (count > 0) {
        gas.raiseMemory(capacity(fields) * count);
        gas.charge('insert', count);
      }
      return word(count);
    }),

    define('update(string,address,address)', (context, key, entryAddress, conditionAddress) => {
      const { host, sender, gas, state } = context;
      requireCallingContract(host, sender);
      const fields = entryAt(host, entryAddress);
      const rows = matchingRows(context, key, conditionAddress);
      requireValueLengths(fields);
      const ids = rows.map((row) => row.id);
      const count = updateEntry(host, state, key, ids, fields);
      if (count > 0) {
        gas.assignMemory(capacity(fields) * count);
        gas.charge('update', count);
      }
      return word(count);
    }),

    define('remove(string,address)', (context, key, conditionAddress) => {
      const { host, sender, gas, state } = context;
      requireCallingContract(host, sender);
      const ids = matchingRows(context, key, conditionAddress).map((row) => row.id);
      const count = host.remove(state.name, key, ids, CHECKED);
      if (count > 0) gas.charge('remove', count);
      return word(count);
    }),

    define('newEntry()', ({ host }) => addressWord(host.addObject(entryKind.create(new Map())))),
    define('newCondition()', ({ host }) => addressWord(host.addObject(conditionKind.create(new Condition())))),
  ],
});
