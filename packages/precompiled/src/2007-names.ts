/** What both ends of hot accounts share: their addresses, and names of accounts. */
import { equalBytes, fromByteString, utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { systemAddress } from './addresses.js';
import type { SystemHost } from './ports.js';

export const SHADOW_ACCOUNTS_ADDRESS = systemAddress(0x2006);
export const HOT_ACCOUNTS_ADDRESS = systemAddress(0x2007);

/** Bytes of a name of an account. */
const HOT_ACCOUNT_NAME_BYTES_MAX = 64;

/** UTF-8 without control characters: people are shown the name, in JSON and in logs. */
export function isAccountName(name: string): boolean {
  if (name.length === 0 || name.length > HOT_ACCOUNT_NAME_BYTES_MAX) return false;
  const bytes = fromByteString(name);
  return bytes.every((byte) => byte >= 0x20 && byte !== 0x7f) && equalBytes(utf8Bytes(utf8Text(bytes)), bytes);
}

/** By which events name an account, 32 bytes. */
export function nameHash(host: SystemHost, account: string): Uint8Array {
  return host.suite.hash(fromByteString(account));
}
