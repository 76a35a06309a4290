import { type EntryFields, entryKind } from './1001-entry.js';
import { addressWord, word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';

/** Rows as they were when they were selected; later writes to the table do not show. */
export type EntriesState = readonly EntryFields[];

const define = functionsOf<EntriesState>();

/** The result of Table.select. */
export const entriesKind = new ContractKind<EntriesState>({
  name: 'Entries',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('get(int256)', ({ host, state }, index) => {
      const fields = index >= 0n && index < BigInt(state.length) ? state[Number(index)] : undefined;
      if (fields === undefined) throw new SystemError(`Entries no exists: ${index}`);
      return addressWord(host.addObject(entryKind.create(fields)));
    }),
    define('size()', ({ state }) => word(state.length)),
  ],
});
