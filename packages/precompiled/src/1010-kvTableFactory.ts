import { kvTableKind } from './1010-kvTable.js';
import { TABLE_EXISTS } from './codes.js';
import { addressWord, word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { CHECKED, requireCallingContract } from './tables/rows.js';
import { userTableName } from './tables/systemTables.js';
import { type NameMessages, readTableDefinition } from './tables/tableNames.js';

const define = functionsOf<undefined>();

/** The misspelling is part of the protocol. */
const MESSAGES: NameMessages = {
  tableName: (name) => `invalid tablename:${name}`,
  fieldStart: (name) => `invalid field:${name}`,
  fieldCharacters: (name) => `invalid field:${name}`,
  duplicate: (name) => `dumplicate field:${name}`,
};

/** Like TableFactory, but what goes wrong is an exception here, except that the table exists. */
export const kvTableFactory = new ContractKind<undefined>({
  name: 'KVTableFactory',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('openTable(string)', ({ host, gas }, name) => {
      gas.charge('openTable');
      const fullName = userTableName(name);
      const table = host.table(fullName);
      if (table === undefined) throw new SystemError(`${fullName} does not exist`);
      return addressWord(host.addObject(kvTableKind.create(table)));
    }),

    define('createTable(string,string,string)', ({ host, sender, gas }, name, keyField, fieldList) => {
      requireCallingContract(host, sender);
      const definition = readTableDefinition(name, keyField, fieldList, MESSAGES);
      const result = host.createTable(definition, CHECKED);
      if (result === 'denied') {
        throw new SystemError(`Permission denied. ${host.origin} can't create table ${definition.name}`);
      }
      if (result === 'created') gas.charge('createTable');
      return word(result === 'created' ? 0 : TABLE_EXISTS);
    }),
  ],
});
