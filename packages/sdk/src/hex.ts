import { parseHex, toHex } from '@menglian/base/bytes';
import { ADDRESS_BYTES, type Address as BareAddress, ZERO_ADDRESS as BARE_ZERO_ADDRESS } from '@menglian/types/address';
import { sdkError } from './sdkError.js';

/** Bytes as text: `0x` and two digits a byte. */
export type Hex = `0x${string}`;

/** An account or a contract: 20 bytes. Addresses that this package returns are in lower case. */
export type Address = Hex;

/** 32 bytes. */
export type Hash = Hex;

/** What stands where there is no address. */
export const ZERO_ADDRESS: Address = `0x${BARE_ZERO_ADDRESS}`;

/** Characters of an argument that an error repeats. */
const ECHO_CHARACTERS_MAX = 80;

export function echo(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > ECHO_CHARACTERS_MAX ? `${text.slice(0, ECHO_CHARACTERS_MAX)}…` : text;
}

export function hexOf(bytes: Uint8Array): Hex {
  return `0x${toHex(bytes)}`;
}

/** @param what names the argument in the error. @throws SdkError `BadArgument` */
export function bytesOf(text: string, what: string, length?: number): Uint8Array {
  const bytes = typeof text === 'string' ? parseHex(text) : undefined;
  if (bytes === undefined) {
    throw sdkError('BadArgument', `${what} is not hexadecimal: ${echo(text)}`, 'write 0x and two digits for each byte');
  }
  if (length !== undefined && bytes.length !== length) {
    const problem = `${what} has ${bytes.length} bytes, not ${length}: ${echo(text)}`;
    throw sdkError('BadArgument', problem, `write 0x and ${2 * length} digits`);
  }
  return bytes;
}

/** The form without 0x that the packages of the node use. @throws SdkError `BadArgument` */
export function bareAddress(text: string, what = 'the address'): BareAddress {
  return toHex(bytesOf(text, what, ADDRESS_BYTES));
}

/** An address in lower case with 0x. @throws SdkError `BadArgument` */
export function addressOf(text: string, what?: string): Address {
  return `0x${bareAddress(text, what)}`;
}
