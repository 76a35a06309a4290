import { concatBytes, fromByteString } from '@menglian/base/bytes';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { addressWord, textOutput, word } from './framework/output.js';
import { ContractKind, functionsOf, type FunctionContext } from './framework/systemContract.js';
import { parameterError } from './framework/systemError.js';
import { isHexText } from './framework/text.js';

/** Fields by name, byte strings. What `set` changes here reaches a table only through insert or update. */
export type EntryFields = Map<string, string>;

const ADDRESS_TEXT = /^(?:0x)?([0-9a-fA-F]{40})$/;
const NO_OUTPUT = new Uint8Array(0);
/** Longer text is no 256-bit number in decimal, sign and a margin of leading zeros included. */
const MAX_INTEGER_TEXT = 128;

const define = functionsOf<EntryFields>();

function text({ state }: FunctionContext<EntryFields>, name: string): string {
  return state.get(name) ?? '';
}

function integer(value: string): bigint {
  if (value.length > MAX_INTEGER_TEXT || !/^-?[0-9]+$/.test(value)) throw parameterError();
  return BigInt(value);
}

/** Hexadecimal text of another length reads as the zero address. */
function address(value: string): Uint8Array {
  if (!isHexText(value)) throw parameterError();
  return addressWord(ADDRESS_TEXT.exec(value)?.[1] ?? ZERO_ADDRESS);
}

/** The first `length` bytes, filled up with zeros. */
function fixedBytes(value: string, length: number): Uint8Array {
  const bytes = fromByteString(value.slice(0, length));
  return concatBytes(bytes, new Uint8Array(length - bytes.length));
}

function set({ state, gas }: FunctionContext<EntryFields>, name: string, value: string): Uint8Array {
  state.set(name, value);
  gas.charge('field');
  return NO_OUTPUT;
}

/** One row or a row in the making. */
export const entryKind = new ContractKind<EntryFields>({
  name: 'Entry',
  countsInput: true,
  unknown: NO_OUTPUT,
  functions: [
    define('getInt(string)', (context, name) => {
      context.gas.charge('field');
      return word(integer(text(context, name)));
    }),
    define('getUInt(string)', (context, name) => {
      context.gas.charge('field');
      return word(integer(text(context, name)));
    }),
    define('getAddress(string)', (context, name) => {
      context.gas.charge('field');
      return address(text(context, name));
    }),
    // Two words, although bytes1[64] of Solidity's ABI is 64 of them: contracts of 2.x read what 2.x writes.
    define('getBytes64(string)', (context, name) => {
      context.gas.charge('bytes64');
      return fixedBytes(text(context, name), 64);
    }),
    define('getBytes32(string)', (context, name) => {
      context.gas.charge('bytes32');
      return fixedBytes(text(context, name), 32);
    }),
    define('getString(string)', (context, name) => {
      context.gas.charge('field');
      return textOutput(text(context, name));
    }),
    define('set(string,int256)', (context, name, value) => set(context, name, value.toString())),
    define('set(string,uint256)', (context, name, value) => set(context, name, value.toString())),
    define('set(string,address)', (context, name, value) => set(context, name, value)),
    define('set(string,string)', (context, name, value) => set(context, name, value)),
  ],
});
