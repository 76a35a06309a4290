import type { CryptoSuite } from '@menglian/crypto/suite';

/** A price that no gas pays, and still a number to reckon with. Gas is at most 2^53 - 1. */
export const BEYOND_ALL_GAS = 2 ** 60;

/** One of Ethereum's precompiled contracts. Pure functions of the input. */
export interface BuiltIn {
  readonly name: string;
  /**
   * Price of a call. Lengths in the input are not believed, only priced: up to BEYOND_ALL_GAS. The caller refuses a call it
   * cannot pay, and does not `run` it.
   */
  gas(input: Uint8Array): number;
  /**
   * What the call costs a node in units of the execution budget (1 unit: one gas of plain instructions, 5 to 10 ns), where
   * the price of 2.x is far below that; at most the price otherwise. The caller takes `work - gas`, if positive, from the
   * budget before `run`, so that cheap heavy calls cannot hold up a block.
   */
  work(input: Uint8Array): number;
  /**
   * @param ecdsa the suite `ecdsa`, on SM chains too: ecrecover is secp256k1 and keccak everywhere
   * @returns undefined when the call fails: status 22, without output and with all its gas
   */
  run(input: Uint8Array, ecdsa: CryptoSuite): Uint8Array | undefined;
}
