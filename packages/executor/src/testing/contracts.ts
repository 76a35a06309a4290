import { toHex } from '@menglian/base/bytes';
import { assemble } from '@menglian/evm/testing/assembler';
import type { Address } from '@menglian/types/address';

/** Small contracts for tests, as runtime code. */

/** Returns the word on top of the stack. */
const RETURN_WORD = '0 MSTORE 32 0 RETURN';

/** storage[calldata[0]] = calldata[32] */
export const STORE = assemble('32 CALLDATALOAD 0 CALLDATALOAD SSTORE STOP');

/** Returns storage[calldata[0]]. */
export const LOAD = assemble(`0 CALLDATALOAD SLOAD ${RETURN_WORD}`);

/** Stores with two words of call data, loads with one. */
export const CELLS = assemble(
  `CALLDATASIZE 64 EQ @store JUMPI 0 CALLDATALOAD SLOAD ${RETURN_WORD} :store 32 CALLDATALOAD 0 CALLDATALOAD SSTORE STOP`,
);

export const REVERT_WITH_WORD = assemble('42 0 MSTORE 32 0 REVERT');

export const INVALID = assemble('INVALID');

/** Burns all its gas. */
export const ENDLESS = assemble(':again @again JUMP');

/** Hands its call data on to the address, then returns the success word and the return data. */
export function forwarder(kind: 'CALL' | 'CALLCODE' | 'DELEGATECALL' | 'STATICCALL', to: Address): Uint8Array {
  const value = kind === 'CALL' || kind === 'CALLCODE' ? '0' : '';
  return assemble(
    `CALLDATASIZE 0 0 CALLDATACOPY 0 0 CALLDATASIZE 0 ${value} PUSH20 0x${to} GAS ${kind}
     0 MSTORE RETURNDATASIZE 0 32 RETURNDATACOPY 32 RETURNDATASIZE ADD 0 RETURN`,
  );
}

/** Creates with its call data as init code; returns the address or 0, and the return data. */
export const FACTORY = assemble(
  `CALLDATASIZE 0 0 CALLDATACOPY CALLDATASIZE 0 0 CREATE
   0 MSTORE RETURNDATASIZE 0 32 RETURNDATACOPY 32 RETURNDATASIZE ADD 0 RETURN`,
);

/** The same with CREATE2 and salt 7. */
export const FACTORY_WITH_SALT = assemble(
  `CALLDATASIZE 0 0 CALLDATACOPY 7 CALLDATASIZE 0 0 CREATE2
   0 MSTORE RETURNDATASIZE 0 32 RETURNDATACOPY 32 RETURNDATASIZE ADD 0 RETURN`,
);

/** Self-destructs when called with data; otherwise returns storage[0] and sets it to 5. */
export const MORTAL = assemble(`CALLDATASIZE @die JUMPI 0 SLOAD 5 0 SSTORE ${RETURN_WORD} :die CALLER SELFDESTRUCT`);

/** Returns an environment word, for example `NUMBER`. */
export function answering(instruction: string): Uint8Array {
  return assemble(`${instruction} ${RETURN_WORD}`);
}

export function word(value: bigint | number): string {
  return value.toString(16).padStart(64, '0');
}

export function wordOf(address: Address): string {
  return address.padStart(64, '0');
}

export function hex(bytes: Uint8Array): string {
  return toHex(bytes);
}
