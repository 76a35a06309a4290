import { ZERO_ADDRESS } from '@menglian/types/address';
import { concatBytes } from '@menglian/base/bytes';
import { entryAt } from './1001-table.js';
import { entryKind } from './1001-entry.js';
import { addressWord, word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { NO_PERMISSION, type TableDefinition } from './ports.js';
import {
  capacity,
  capacityOf,
  insertEntry,
  requireCallingContract,
  requireKeyLength,
  requireValueLengths,
  updateEntry,
} from './tables/rows.js';

const define = functionsOf<TableDefinition>();

/** What KVTableFactory.openTable answers: the same tables as Table, seen as one row a key. */
export const kvTableKind = new ContractKind<TableDefinition>({
  name: 'KVTable',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('get(string)', ({ host, gas, state }, key) => {
      const rows = host.select(state.name, key);
      gas.raiseMemory(capacityOf(rows));
      gas.charge('select', rows.length);
      const [first] = rows;
      if (first === undefined) return concatBytes(word(false), addressWord(ZERO_ADDRESS));
      return concatBytes(word(true), addressWord(host.addObject(entryKind.create(new Map(first.fields)))));
    }),

    define('set(string,address)', ({ host, sender, gas, state }, key, entryAddress) => {
      requireCallingContract(host, sender);
      const fields = entryAt(host, entryAddress);
      requireKeyLength(key);
      requireValueLengths(fields);
      const rows = host.select(state.name, key);
      gas.raiseMemory(capacityOf(rows));
      gas.charge('select', rows.length);
      const ids = rows.map((row) => row.id);
      const isNew = ids.length === 0;
      const count = isNew ? insertEntry(host, state, key, fields) : updateEntry(host, state, key, ids, fields);
      // Unlike Table's writes, whose refusal is a code.
      if (count === NO_PERMISSION) {
        throw new SystemError(`Permission denied. ${host.origin} can't write ${state.name}`);
      }
      gas.assignMemory(capacity(fields) * count);
      gas.charge(isNew ? 'insert' : 'update', count);
      return word(count);
    }),

    define('newEntry()', ({ host }) => addressWord(host.addObject(entryKind.create(new Map())))),
  ],
});
