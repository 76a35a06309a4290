import { ZERO_ADDRESS } from '@menglian/types/address';
import { tableKind } from './1001-table.js';
import { TABLE_EXISTS } from './codes.js';
import { addressWord, word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import { NO_PERMISSION } from './ports.js';
import { CHECKED, requireCallingContract } from './tables/rows.js';
import { userTableName } from './tables/systemTables.js';
import { type NameMessages, readTableDefinition } from './tables/tableNames.js';

const define = functionsOf<undefined>();

const CHARACTERS = 'must be letters or numbers, and only supports "{$, _, @}" as special character set';

const MESSAGES: NameMessages = {
  tableName: (name) => `Invalid table name "${name}", the table name ${CHARACTERS}`,
  fieldStart: (name) =>
    `Invalid field "${name}", the size of the field must be larger than 0 and the field can't start with "_"`,
  fieldCharacters: (name) => `Invalid field "${name}", the field name ${CHARACTERS}`,
  duplicate: (name) => `duplicate field:${name}`,
};

const CREATE_RESULTS = { created: 0, exists: TABLE_EXISTS, denied: NO_PERMISSION } as const;

/** User tables for contracts, through objects that live to the end of the block. */
export const tableFactory = new ContractKind<undefined>({
  name: 'TableFactory',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    // A missing table is the zero address, not an error; calls to it fail.
    define('openTable(string)', ({ host, gas }, name) => {
      gas.charge('openTable');
      const table = host.table(userTableName(name));
      return addressWord(table === undefined ? ZERO_ADDRESS : host.addObject(tableKind.create(table)));
    }),

    define('createTable(string,string,string)', ({ host, sender, gas }, name, keyField, fieldList) => {
      requireCallingContract(host, sender);
      const result = host.createTable(readTableDefinition(name, keyField, fieldList, MESSAGES), CHECKED);
      if (result === 'created') gas.charge('createTable');
      return word(CREATE_RESULTS[result]);
    }),
  ],
});
