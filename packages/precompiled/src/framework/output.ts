import { concatBytes, fromBigInt } from '@menglian/base/bytes';
import { encodeAbi } from '@menglian/codec/abi';
import type { Address } from '@menglian/types/address';

/** What most calls answer: made once. */
const SUCCESS = new Uint8Array(32);

/** A number as one ABI word, not to be changed. Negative codes are two's complement, the same bytes as int256 and as uint256. */
export function word(value: number | bigint | boolean): Uint8Array {
  if (value === 0) return SUCCESS;
  return fromBigInt(BigInt.asUintN(256, BigInt(value)), 32);
}

export function words(...values: readonly (number | bigint | boolean)[]): Uint8Array {
  return concatBytes(...values.map((value) => word(value)));
}

export function addressWord(address: Address): Uint8Array {
  return word(BigInt(`0x${address}`));
}

/** @param text byte string */
export function textOutput(text: string): Uint8Array {
  return encodeAbi(['string'], [text]);
}
