/** What a chain keeps of the shadow accounts on it. Told in docs/hot-accounts.md, "What is kept". */
import { fromHex, toHex } from '@menglian/base/bytes';
import type { Address } from '@menglian/types/address';
import type { TableDefinition } from './ports.js';
import {
  addOrStartSum,
  readRow,
  readSum,
  removeRow,
  setSum,
  sumTable,
  type TableContext,
  writeRow,
} from './tables/ownRows.js';

/** By name of the account. Payments read this row and leave it as it is: what they add up is in rows of its own. */
const SHADOWS: TableDefinition = {
  name: '_sys_shadow_accounts_',
  keyField: 'account',
  valueFields: ['hot_chain', 'owner', 'open_epoch', 'first_block', 'previous_hash', 'settled_epoch', 'grants'],
};

/** By kind and name: `in/shop`. */
export const SHADOW_SUMS = sumTable('_sys_shadow_sums_', 'sum');

/** Closed epochs that are not settled: `<epoch>/<account>`, in hexadecimal digits. */
const RECORDS: TableDefinition = { name: '_sys_shadow_records_', keyField: 'epoch', valueFields: ['record'] };

/** Names in the order in which the accounts were opened, by number from 0, and how many there are. */
const NAMES: TableDefinition = { name: '_sys_shadow_names_', keyField: 'number', valueFields: ['account'] };
const NAME_COUNT = sumTable('_sys_shadow_count_', 'name');
const ALL = 'all';

/** Names that one call lists. */
const SHADOWS_PER_PAGE_MAX = 256;

/** `in`, `out` and `count` are of the open epoch; `quota` is what is left to be paid out. */
export type ShadowSum = 'in' | 'out' | 'count' | 'quota';

export interface Shadow {
  /** The first chain that opened this name. */
  readonly hotChain: Uint8Array;
  readonly owner: Address;
  readonly openEpoch: bigint;
  /** In which the open epoch began. */
  readonly firstBlock: bigint;
  /** Of the record of the epoch before. */
  readonly previousHash: Uint8Array;
  /** Up to here the hot chain has booked. */
  readonly settledEpoch: bigint;
  /** Number of the last grant that arrived. */
  readonly grants: bigint;
}

/** No name has `/` before its own beginning, so no two sums share a key. */
export function sumKey(sum: ShadowSum, account: string): string {
  return `${sum}/${account}`;
}

export function readShadow(context: TableContext, account: string): Shadow | undefined {
  const fields = readRow(context, SHADOWS, account);
  if (fields === undefined) return undefined;
  const field = (key: string): string => fields.get(key) ?? '';
  return {
    hotChain: fromHex(field('hot_chain')),
    owner: field('owner'),
    openEpoch: BigInt(field('open_epoch')),
    firstBlock: BigInt(field('first_block')),
    previousHash: fromHex(field('previous_hash')),
    settledEpoch: BigInt(field('settled_epoch')),
    grants: BigInt(field('grants')),
  };
}

export function writeShadow(context: TableContext, account: string, shadow: Shadow): void {
  const fields = new Map([
    ['hot_chain', toHex(shadow.hotChain)],
    ['owner', shadow.owner],
    ['open_epoch', shadow.openEpoch.toString()],
    ['first_block', shadow.firstBlock.toString()],
    ['previous_hash', toHex(shadow.previousHash)],
    ['settled_epoch', shadow.settledEpoch.toString()],
    ['grants', shadow.grants.toString()],
  ]);
  writeRow(context, SHADOWS, account, fields);
}

/** Sums stand at 0 from the beginning: so the first payments of an epoch need not wait for one another either. */
export function addShadow(context: TableContext, account: string, shadow: Shadow): void {
  writeShadow(context, account, shadow);
  clearOpenSums(context, account);
  setSum(context, SHADOW_SUMS, sumKey('quota', account), 0n);
  const number = readSum(context, NAME_COUNT, ALL);
  writeRow(context, NAMES, number.toString(), new Map([['account', account]]));
  addOrStartSum(context, NAME_COUNT, ALL, 1n);
}

/** @param first number of the first one, from 0 */
export function listNames(context: TableContext, first: bigint): readonly string[] {
  const count = readSum(context, NAME_COUNT, ALL);
  const names: string[] = [];
  for (let number = first; number < count && names.length < SHADOWS_PER_PAGE_MAX; number++) {
    names.push(readRow(context, NAMES, number.toString())?.get('account') ?? '');
  }
  return names;
}

export function readShadowSum(context: TableContext, sum: ShadowSum, account: string): bigint {
  return readSum(context, SHADOW_SUMS, sumKey(sum, account));
}

export function clearOpenSums(context: TableContext, account: string): void {
  for (const sum of ['in', 'out', 'count'] as const) setSum(context, SHADOW_SUMS, sumKey(sum, account), 0n);
}

/** @returns empty where the epoch is open, settled, or of the future */
export function readRecord(context: TableContext, account: string, epoch: bigint): Uint8Array {
  return fromHex(readRow(context, RECORDS, recordKey(account, epoch))?.get('record') ?? '');
}

export function keepRecord(context: TableContext, account: string, epoch: bigint, record: Uint8Array): void {
  writeRow(context, RECORDS, recordKey(account, epoch), new Map([['record', toHex(record)]]));
}

export function dropRecord(context: TableContext, account: string, epoch: bigint): void {
  removeRow(context, RECORDS, recordKey(account, epoch));
}

function recordKey(account: string, epoch: bigint): string {
  return `${epoch}/${account}`;
}
