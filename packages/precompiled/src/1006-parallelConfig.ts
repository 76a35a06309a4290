import { fromByteString, toBigInt } from '@menglian/base/bytes';
import type { Address } from '@menglian/types/address';
import { word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import type { Row, SystemHost, TableDefinition } from './ports.js';
import { UNCHECKED } from './tables/rows.js';

const define = functionsOf<undefined>();

/** Key of every row. */
export const PARALLEL_KEY = 'parallel';

/** Functions of a contract that may run in parallel; read by the planner of blocks. */
export function parallelTable(contract: Address): TableDefinition {
  return { name: `cp_${contract}`, keyField: 'key', valueFields: ['selector', 'functionName', 'criticalSize'] };
}

/** Decimal text of the selector as a number, the form in the table. */
function selectorText(host: SystemHost, signature: string): string {
  return toBigInt(host.suite.hash(fromByteString(signature)).subarray(0, 4)).toString();
}

function rowsOf(host: SystemHost, table: TableDefinition, selector: string): readonly Row[] {
  return host.select(table.name, PARALLEL_KEY).filter((row) => row.fields.get('selector') === selector);
}

function register(host: SystemHost, contract: Address, signature: string, criticalSize: bigint): void {
  const table = parallelTable(contract);
  host.createTable(table, UNCHECKED);
  const selector = selectorText(host, signature);
  const fields = new Map([
    ['selector', selector],
    ['functionName', signature],
    ['criticalSize', criticalSize.toString()],
  ]);
  const ids = rowsOf(host, table, selector).map((row) => row.id);
  if (ids.length > 0) host.update(table.name, PARALLEL_KEY, ids, fields, UNCHECKED);
  else host.insert(table.name, PARALLEL_KEY, new Map([[table.keyField, PARALLEL_KEY], ...fields]), UNCHECKED);
}

function unregister(host: SystemHost, contract: Address, signature: string): void {
  const table = parallelTable(contract);
  const ids = rowsOf(host, table, selectorText(host, signature)).map((row) => row.id);
  if (ids.length > 0) host.remove(table.name, PARALLEL_KEY, ids, UNCHECKED);
}

/** Anybody may register for any contract: it is a hint to the planner and never changes results. Answers 0 always. */
export const parallelConfig = new ContractKind<undefined>({
  name: 'ParallelConfig',
  countsInput: false,
  unknown: new Uint8Array(0),
  functions: [
    define('registerParallelFunctionInternal(address,string,uint256)', ({ host }, contract, signature, size) => {
      register(host, contract, signature, size);
      return word(0);
    }),
    define('unregisterParallelFunctionInternal(address,string)', ({ host }, contract, signature) => {
      unregister(host, contract, signature);
      return word(0);
    }),
  ],
});
