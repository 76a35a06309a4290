import { type Address, ZERO_ADDRESS } from '@menglian/types/address';
import { ADDRESS_INVALID, NAME_AND_VERSION_EXIST, VERSION_TOO_LONG } from './codes.js';
import { addressWord, textOutput, word } from './framework/output.js';
import { ContractKind, functionsOf, type FunctionContext } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { isHexText } from './framework/text.js';
import { type JsonRecord, recordsLine } from './json/writeJson.js';
import { MAX_CNS_NAME_BYTES, MAX_CNS_VERSION_BYTES, MAX_VALUE_BYTES } from './limits.js';
import type { Row } from './ports.js';
import { CHECKED, requireLength } from './tables/rows.js';
import { CNS_TABLE } from './tables/systemTables.js';

const define = functionsOf<undefined>();

type Context = FunctionContext<undefined>;

/** Gas counts an entry of CNS by its number of fields, the status field of 2.x included, not by its bytes. */
const ENTRY_FIELD_COUNT = 5;
const ADDRESS_TEXT = /^(?:0x)?([0-9a-fA-F]{40})$/;

export function openNames({ host, gas }: Context, name: string): readonly Row[] {
  gas.charge('openTable');
  return host.select(CNS_TABLE, name);
}

/** At most one row: a name with a version is there once. */
export function withVersion(rows: readonly Row[], version: string): readonly Row[] {
  return rows.filter((row) => row.fields.get('version') === version).slice(0, 1);
}

/** @returns undefined for text that is hexadecimal and no address */
export function addressOfRow({ fields }: Row): Address | undefined {
  return ADDRESS_TEXT.exec(fields.get('address') ?? '')?.[1]?.toLowerCase();
}

function recordOf({ fields }: Row): JsonRecord {
  const field = (name: string): string => fields.get(name) ?? '';
  return { abi: field('abi'), address: field('address'), name: field('name'), version: field('version') };
}

/** A name with a version is written once. Any hexadecimal text passes as an address and is kept as it was written. */
function insert(context: Context, name: string, version: string, address: string, abi: string): number {
  const { host, gas } = context;
  const isAddress = isHexText(address);
  if (isAddress) {
    requireLength(name, MAX_CNS_NAME_BYTES);
    requireLength(abi, MAX_VALUE_BYTES);
  }
  const rows = openNames(context, name);
  gas.charge('select', rows.length);
  if (version.length > MAX_CNS_VERSION_BYTES) return VERSION_TOO_LONG;
  if (withVersion(rows, version).length > 0) return NAME_AND_VERSION_EXIST;
  if (!isAddress) return ADDRESS_INVALID;
  const fields = new Map([
    ['name', name],
    ['version', version],
    ['address', address],
    ['abi', abi],
  ]);
  const count = host.insert(CNS_TABLE, name, fields, CHECKED);
  if (count > 0) {
    gas.raiseMemory(ENTRY_FIELD_COUNT * count);
    gas.charge('insert', count);
  }
  return count;
}

function getContractAddress(context: Context, name: string, version: string): Uint8Array {
  const rows = withVersion(openNames(context, name), version);
  context.gas.charge('select', rows.length);
  const [row] = rows;
  if (row === undefined) throw new SystemError('Entries no exists: 0');
  return addressWord(addressOfRow(row) ?? ZERO_ADDRESS);
}

/** Names of contracts. Versions are texts without an order: the latest is whatever clients make of the list's end. */
export const cns = new ContractKind<undefined>({
  name: 'CNS',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('insert(string,string,string,string)', (context, name, version, address, abi) =>
      word(insert(context, name, version, address, abi)),
    ),
    define('selectByName(string)', (context, name) => {
      const rows = openNames(context, name);
      // 2.x charges the price of setting a field here, not that of selecting a row.
      context.gas.charge('field', rows.length);
      return textOutput(recordsLine(rows.map((row) => recordOf(row))));
    }),
    define('selectByNameAndVersion(string,string)', (context, name, version) => {
      const rows = withVersion(openNames(context, name), version);
      context.gas.charge('condition');
      context.gas.charge('select', rows.length);
      return textOutput(recordsLine(rows.map((row) => recordOf(row))));
    }),
    define('getContractAddress(string,string)', getContractAddress),
  ],
});
