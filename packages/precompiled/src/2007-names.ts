/** What both ends of hot accounts share: their addresses, and names of accounts. */
import { fromByteString } from '@menglian/base/bytes';
import { systemAddress } from './addresses.js';
import type { SystemHost } from './ports.js';

export const SHADOW_ACCOUNTS_ADDRESS = systemAddress(0x2006);
export const HOT_ACCOUNTS_ADDRESS = systemAddress(0x2007);

/** Bytes of a name of an account. */
const HOT_ACCOUNT_NAME_BYTES_MAX = 64;

export function isAccountName(name: string): boolean {
  return name.length > 0 && name.length <= HOT_ACCOUNT_NAME_BYTES_MAX;
}

/** By which events name an account, 32 bytes. */
export function nameHash(host: SystemHost, account: string): Uint8Array {
  return host.suite.hash(fromByteString(account));
}
