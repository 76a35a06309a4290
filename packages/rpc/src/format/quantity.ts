import { toHex, toPrefixedHex } from '@menglian/base/bytes';
import type { Address } from '@menglian/types/address';

/** `0x` and hexadecimal digits without leading zeros; zero is `0x0`. */
export function quantity(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** `0x` and two digits a byte; empty is `0x`. */
export const bytesText = toPrefixedHex;

/** Digits only, the form of node ids, proof elements and the hashes of getSyncStatus. */
export const bareHex = toHex;

export function addressText(address: Address): string {
  return `0x${address}`;
}
