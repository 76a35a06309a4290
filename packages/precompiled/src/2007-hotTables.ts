/** What the hot chain keeps of hot accounts and their shadows. Told in docs/hot-accounts.md, "What is kept". */
import { fromHex, toHex } from '@menglian/base/bytes';
import { NO_RECORD_HASH } from '@menglian/interchain/clearingRecord';
import type { Address } from '@menglian/types/address';
import type { TableDefinition } from './ports.js';
import { readRow, readSum, setSum, sumTable, type TableContext, writeRow } from './tables/ownRows.js';

/** By name. `chains` are identities of the chains with a shadow, with commas between them. */
const ACCOUNTS: TableDefinition = {
  name: '_sys_hot_accounts_',
  keyField: 'account',
  valueFields: ['owner', 'chains'],
};

/** By kind and name: `balance/shop`. */
export const HOT_SUMS = sumTable('_sys_hot_sums_', 'sum');

/** By chain and name: `<identity>/shop`. */
const HOT_SHADOWS: TableDefinition = {
  name: '_sys_hot_shadows_',
  keyField: 'shadow',
  valueFields: ['state', 'last_epoch', 'last_hash', 'settled_in', 'settled_out', 'granted', 'grants', 'payments'],
};

/** Every record that was booked: `<epoch>/<identity>/<account>`, in hexadecimal digits. */
const STATEMENTS: TableDefinition = { name: '_sys_hot_statements_', keyField: 'epoch', valueFields: ['record'] };

/** `balance` is what is there; the others only grow. */
const SUMS = ['balance', 'in', 'out', 'granted'] as const;
export type HotSum = (typeof SUMS)[number];

export interface HotAccount {
  readonly owner: Address;
  /** Identities in hexadecimal digits, in the order in which the chains were attached. */
  readonly chains: readonly string[];
}

export interface HotShadow {
  /** Asked for; or open, and so able to take grants. */
  readonly state: 'asked' | 'open';
  readonly lastEpoch: bigint;
  readonly lastHash: Uint8Array;
  readonly settledIn: bigint;
  readonly settledOut: bigint;
  readonly granted: bigint;
  /** Number of the last grant. */
  readonly grants: bigint;
  readonly payments: bigint;
}

export const NEW_SHADOW: HotShadow = {
  state: 'asked',
  lastEpoch: 0n,
  lastHash: NO_RECORD_HASH,
  settledIn: 0n,
  settledOut: 0n,
  granted: 0n,
  grants: 0n,
  payments: 0n,
};

export function hotSumKey(sum: HotSum, account: string): string {
  return `${sum}/${account}`;
}

export function readHotAccount(context: TableContext, account: string): HotAccount | undefined {
  const fields = readRow(context, ACCOUNTS, account);
  if (fields === undefined) return undefined;
  const chains = fields.get('chains') ?? '';
  return { owner: fields.get('owner') ?? '', chains: chains === '' ? [] : chains.split(',') };
}

export function writeHotAccount(context: TableContext, account: string, { owner, chains }: HotAccount): void {
  const fields = new Map([
    ['owner', owner],
    ['chains', chains.join(',')],
  ]);
  writeRow(context, ACCOUNTS, account, fields);
}

export function addHotAccount(context: TableContext, account: string, owner: Address): void {
  writeHotAccount(context, account, { owner, chains: [] });
  for (const sum of SUMS) setSum(context, HOT_SUMS, hotSumKey(sum, account), 0n);
}

export function readHotSum(context: TableContext, sum: HotSum, account: string): bigint {
  return readSum(context, HOT_SUMS, hotSumKey(sum, account));
}

export function readHotShadow(context: TableContext, account: string, chain: Uint8Array): HotShadow | undefined {
  const fields = readRow(context, HOT_SHADOWS, shadowKey(account, chain));
  if (fields === undefined) return undefined;
  const field = (key: string): string => fields.get(key) ?? '';
  return {
    state: field('state') === 'open' ? 'open' : 'asked',
    lastEpoch: BigInt(field('last_epoch')),
    lastHash: fromHex(field('last_hash')),
    settledIn: BigInt(field('settled_in')),
    settledOut: BigInt(field('settled_out')),
    granted: BigInt(field('granted')),
    grants: BigInt(field('grants')),
    payments: BigInt(field('payments')),
  };
}

export function writeHotShadow(context: TableContext, account: string, chain: Uint8Array, shadow: HotShadow): void {
  const fields = new Map([
    ['state', shadow.state],
    ['last_epoch', shadow.lastEpoch.toString()],
    ['last_hash', toHex(shadow.lastHash)],
    ['settled_in', shadow.settledIn.toString()],
    ['settled_out', shadow.settledOut.toString()],
    ['granted', shadow.granted.toString()],
    ['grants', shadow.grants.toString()],
    ['payments', shadow.payments.toString()],
  ]);
  writeRow(context, HOT_SHADOWS, shadowKey(account, chain), fields);
}

/** @returns empty where no such epoch was booked */
export function readStatement(context: TableContext, account: string, chain: Uint8Array, epoch: bigint): Uint8Array {
  const key = `${epoch}/${shadowKey(account, chain)}`;
  return fromHex(readRow(context, STATEMENTS, key)?.get('record') ?? '');
}

export function keepStatement(
  context: TableContext,
  account: string,
  chain: Uint8Array,
  epoch: bigint,
  record: Uint8Array,
): void {
  const key = `${epoch}/${shadowKey(account, chain)}`;
  writeRow(context, STATEMENTS, key, new Map([['record', toHex(record)]]));
}

function shadowKey(account: string, chain: Uint8Array): string {
  return `${toHex(chain)}/${account}`;
}
